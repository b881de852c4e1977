package emit

import (
	"fmt"

	"relayform/compiler/gitops"
	"relayform/compiler/plan"
	"relayform/compiler/shell"
)

// delivered lists the steps when a GitOps engine applies what is committed: the initial ones, and those after each commit.
func (r *runbook) delivered() {
	p, d := r.plan, r.plan.Deliver
	r.where()
	r.store()
	r.issuers()
	r.identities()
	r.reads()
	r.licence()
	r.step("Commit what was compiled")
	r.commit()
	r.step("Let " + d.Engine() + " deliver")
	r.deliver()
	r.order()
	if !d.Charts {
		r.step("Install the server's chart")
		r.server()
	}
	r.step("Find the relay's address")
	r.address()
	if p.RelayAddress == "" {
		r.printf("\nThen commit and push. ")
		if d.Charts {
			r.printf("The charts of remotes without an address are not installed before that.\n")
		} else {
			r.printf("Install the agents after that.\n")
		}
	}
	r.telemetryAddress()
	if !d.Charts {
		r.step("Install the agents")
		r.agents()
	}
	r.step("Check")
	r.look()
	r.sh("kubectl --context %s --namespace %s get kubernetesclusters", shell.Word(p.Management.Context), p.Namespace)
	r.printf("\n`%s` checks what every cluster holds.\n", r.relayform("verify --live"))
	r.renewals()
	r.later()
}

// where says where the engine must be installed.
func (r *runbook) where() {
	d := r.plan.Deliver
	version := "Argo CD 3.2 or later"
	if d.Flux != nil {
		version = "Flux 2.7 or later"
	}
	at := "in each cluster, where it reads only that cluster's folder in this repository"
	if d.Hub {
		at = "in the management cluster, and reach every remote from there"
	}
	r.printf("%s must run %s. Its objects are in the namespace %s.\n", version, at, d.Namespace())
}

// engines prints a command for each cluster that runs an engine.
func (r *runbook) engines(command func(cluster, context string) string) {
	m := r.plan.Management
	r.sh("%s", command(m.Name, shell.Word(m.Context)))
	if !r.plan.Deliver.Hub && len(r.plan.Remotes) > 0 {
		r.each(command)
	}
}

// identities creates the Secret with which Flux decrypts.
func (r *runbook) identities() {
	p, d := r.plan, r.plan.Deliver
	if p.Sops == nil || !p.Product.Private() {
		return
	}
	r.step("Give Flux the age identities")
	if d.Hub {
		r.printf("The hub decrypts for every cluster: the file holds the identities of the management cluster and of the remotes.\n\n")
	} else {
		r.printf("Each cluster gets its own identity, which decrypts that cluster's values. IDENTITIES is a folder with a file for each cluster.\n\n")
	}
	r.engines(func(cluster, context string) string {
		return fmt.Sprintf("kubectl --context %s --namespace %s create secret generic %s --from-file=age.agekey=\"$IDENTITIES\"/%s", context, d.Namespace(), d.Decrypts(), cluster)
	})
}

// reads says how the engine gets access to this repository, and a hub to the remotes.
func (r *runbook) reads() {
	d := r.plan.Deliver
	r.step("Let " + d.Engine() + " read this repository")
	switch {
	case d.Artifacts():
		r.printf("In each cluster, an %s named %s in the namespace %s must read the cluster's artifact.\n", d.Flux.Source.Kind, d.Flux.Source.Name, d.Namespace())
	case d.Flux != nil:
		r.printf("A %s named %s must be in the namespace %s. In that source, the path of this folder is `%s`.\n", d.Flux.Source.Kind, d.Flux.Source.Name, d.Namespace(), d.Path)
	default:
		r.printf("Argo CD needs the repository `%s`, with credentials to read it. The path of this folder there is `%s`. The project %s must allow this repository, the charts' repositories and the clusters; otherwise nothing is applied.\n", d.ArgoCD.Repository, d.Path, d.ArgoCD.Project)
	}
	if !d.Hub || len(r.plan.Remotes) == 0 {
		return
	}
	if d.Flux != nil {
		r.printf("\nThe hub reaches each remote with a kubeconfig, in a Secret like Cluster API's. KUBECONFIGS is a folder with one for each:\n\n")
		r.each(func(cluster, _ string) string {
			return fmt.Sprintf("kubectl --context %s --namespace %s create secret generic %s --from-file=value=\"$KUBECONFIGS\"/%s", shell.Word(r.plan.Management.Context), d.Namespace(), gitops.KubeConfig(cluster), cluster)
		})
		return
	}
	r.printf("\nAdd each remote to Argo CD, with its name from the topology:\n\n")
	r.each(func(cluster, context string) string {
		return fmt.Sprintf("argocd cluster add %s --name %s", context, cluster)
	})
}

// licence says where the server's chart takes the licence key from, as no values file may contain it.
func (r *runbook) licence() {
	p := r.plan
	if !p.Deliver.Charts || p.Product.ServerChart.License == "" {
		return
	}
	r.step("Provide the licence key")
	if p.Deliver.ArgoCD != nil {
		r.printf("Argo CD reads values only from git. Create a Secret with the licence key in the namespace %s of the management cluster, and name it in your own values (charts.values), if the chart has a value for that.\n", p.Namespace)
		return
	}
	r.printf("If it is not in your own values, Flux reads it from a Secret:\n\n")
	r.sh("kubectl --context %s --namespace %s create secret generic %s --from-literal=%s=\"$LICENSE_KEY\"", shell.Word(p.Management.Context), p.Deliver.Namespace(), gitops.License(p), gitops.LicenseKey)
}

// commit publishes what was compiled to where the engine reads it.
func (r *runbook) commit() {
	r.sh("git add %s && git commit --message %s && git push", shell.Paths(r.at.Commit...), shell.Word(r.plan.Name+": compile"))
	if !r.plan.Deliver.Artifacts() {
		return
	}
	r.printf("\nThen push each cluster's folder. REGISTRY is the address of the artifacts, without the cluster's name. In `%s` each cluster has a line that changes with its folder: a pipeline can skip folders that did not change.\n\n", r.file(gitops.ArtifactsFile))
	r.engines(func(cluster, _ string) string {
		return fmt.Sprintf("flux push artifact \"$REGISTRY\"/%s:latest --path=%s --source=\"$(git remote get-url origin)\" --revision=\"$(git rev-parse HEAD)\"", cluster, r.file(cluster))
	})
}

// deliver applies the engine's objects once; from then on the engine keeps them as they are in git.
func (r *runbook) deliver() {
	r.printf("Apply this once. From then on the engine keeps it in sync with git.\n\n")
	r.engines(func(cluster, context string) string {
		return fmt.Sprintf("kubectl --context %s apply -f %s", context, r.engineFile(cluster))
	})
}

// engineFile returns the file with the engine's objects for a cluster.
func (r *runbook) engineFile(cluster string) string {
	d, file := r.plan.Deliver, "argocd.yaml"
	if d.Flux != nil {
		file = "flux.yaml"
	}
	if d.Hub {
		return r.item(plan.DeliverFolder, file)
	}
	return r.item(cluster, plan.DeliverFolder, file)
}

// engineKind returns the engine's kind of object, as kubectl accepts it.
func (r *runbook) engineKind() string {
	if r.plan.Deliver.Flux != nil {
		return "kustomizations.kustomize.toolkit.fluxcd.io"
	}
	return "applications.argoproj.io"
}

// order says in which order things are applied, and what has no order.
func (r *runbook) order() {
	p, d := r.plan, r.plan.Deliver
	r.printf("\nIn each cluster, the engine applies the overlay first")
	if d.Charts {
		if p.Product.CRDChart.Name != "" {
			r.printf(", then the CRDs")
		}
		r.printf(", then the chart")
	}
	if len(p.Agents()) > 0 {
		r.printf("; in the management cluster it registers the clusters once their CRD is installed")
	}
	switch {
	case d.Hub && d.Flux != nil:
		r.printf(". It applies agents after the relay server and their registration.\n")
	case d.Hub:
		r.printf(". Argo CD keeps no order between clusters: an agent that starts before the relay server or its registration retries until both exist.\n")
	default:
		r.printf(". There is no order between clusters: an agent that starts before the relay server or its registration retries until both exist.\n")
	}
	r.printf("The engine never deletes a namespace, as it may hold other objects.\n")
}

// look shows the engine's status.
func (r *runbook) look() {
	d := r.plan.Deliver
	kinds := "applications"
	if d.Flux != nil {
		kinds = "kustomizations"
		if d.Charts {
			kinds += ",helmreleases"
		}
	}
	r.engines(func(_, context string) string {
		return fmt.Sprintf("kubectl --context %s --namespace %s get %s", context, d.Namespace(), kinds)
	})
}

// later says what to do for each change from then on.
func (r *runbook) later() {
	p, d := r.plan, r.plan.Deliver
	r.step("Each later change")
	r.printf("Compile, review, commit and push:\n\n")
	r.sh("%s", r.relayform("compile"))
	r.commit()
	r.printf("\n`relayform review` shows what a pull request changes in the running mesh. No engine restarts workloads that read certificates only at start: compile and review name them. Restart them once the engine has applied the commit. Before the next phase of a rotation, `%s` must find nothing.\n\n", r.relayform("verify --live"))
	r.printf("- To add a remote: %s, as above.\n", r.more())
	switch {
	case d.Hub && d.ArgoCD != nil:
		r.printf("- To remove a remote: after the commit the engine deletes what it applied there. Only then remove the cluster from Argo CD. If the cluster no longer exists, its Application waits for it: remove the finalizers.\n")
	case d.Hub:
		r.printf("- To remove a remote: after the commit the engine deletes what it applied there. Only then delete its kubeconfig. If the cluster no longer exists, its Kustomizations wait for it: suspend and delete them.\n")
	default:
		r.printf("- To remove a remote: the commit deletes its folder, so its engine reports an error and changes nothing. Delete the object %s.CLUSTER.%s there; the engine then deletes what it applied.\n", p.Name, plan.DeliverFolder)
	}
	r.printf("- If the engine is down: `%s` applies the same overlays.\n", r.relayform("apply"))
}

// more says what to do before a new remote's folder is delivered.
func (r *runbook) more() string {
	p, d := r.plan, r.plan.Deliver
	file := "apply its file in " + plan.DeliverFolder + "/ once"
	switch {
	case d.Hub && d.Flux != nil:
		return "create its kubeconfig Secret"
	case d.Hub:
		return "add it to Argo CD"
	case p.Sops != nil:
		return "create its age identity and its " + d.Flux.Source.Kind + ", and " + file
	case d.Flux != nil:
		return "create its " + d.Flux.Source.Kind + ", and " + file
	}
	return "let its Argo CD read this repository, and " + file
}
