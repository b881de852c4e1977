package emit

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/shell"
	"relayform/schema/diag"
)

// Requests returns the pending certificate requests, and instructions for each.
func Requests(p *plan.Plan, l *lockfile.File, at RunbookPaths) []folder.File {
	if p.External == nil || len(l.Requests) == 0 {
		return nil
	}
	r := &runbook{emitter: &emitter{plan: p, lock: l}, at: at}
	r.printf("<!-- %s -->\n# %s: requested certificates\n\n", manifest.Header, p.Name)
	r.printf("Each request below is for a key that relayform created; the key stays in the key store. Have your PKI sign the request, put the certificate\n"+
		"beside `%s`, name it there, and run `%s`. Run every command in the directory of that file. For a PKI that is not listed here, send the `.csr` file: it says what is wanted.\n"+
		"Intermediates between a certificate and the root may follow it in its file, or in `ca`.\n",
		diag.Printable(at.Topology), r.relayform("compile"))
	var files []folder.File
	for _, q := range l.Requests {
		files = append(files, folder.File{Name: plan.RequestFile(q.Role), Data: pki.MarshalRequest(q.CSR)})
		r.request(q)
	}
	return append(files, folder.File{Name: path.Join(plan.RequestsFolder, RunbookFile), Data: []byte(r.b.String())})
}

// asking is how each kind of certificate is requested: its validity in days, and the terms of each PKI.
type asking struct {
	title, days, hours string
	vault              string // path and parameters of Vault's PKI secrets engine
	aws                string // template of AWS Private CA
	must               string
}

var askings = map[pki.Role]asking{
	pki.Server: {
		title: "The relay server's certificate", days: "398", hours: "9552h",
		vault: "pki/sign/ROLE", aws: "EndEntityCertificate/V1",
		must: "It must keep the DNS names of the request, and both usages: server and client authentication.",
	},
	pki.Signing: {
		title: "The CA that signs agents' certificates", days: "1095", hours: "26280h",
		vault: "pki/root/sign-intermediate", aws: "SubordinateCACertificate_PathLen0/V1",
		must: "It must be a CA with path length 0. If it has an extended key usage, that must allow both server and client authentication.",
	},
}

// request says how to have a request signed.
func (r *runbook) request(q lockfile.Request) {
	a, role := askings[q.Role], string(q.Role)
	csr := r.file(plan.RequestFile(q.Role))
	answer := path.Join(path.Dir(string(r.plan.External.Ca)), role+".crt") // in an existing folder
	cert := shell.Path(answer)
	r.step(a.title)
	r.printf("- subject: `%s`\n", diag.Printable(q.Subject))
	if len(q.SANs) > 0 {
		r.printf("- names: %s\n", strings.Join(q.SANs, ", "))
	}
	r.printf("- key: %s, SHA-256 of the public key `%s`\n\n%s\n\n", q.Algorithm, q.SPKI, a.must)
	r.printf("To see what it requests:\n\n")
	r.sh("openssl req -in %s -noout -verify -text", csr)
	r.printf("\nWith OpenSSL 3 and the CA's files; `openssl ca` needs `copy_extensions = copyall` in its section of the configuration:\n\n")
	r.sh("openssl x509 -req -in %s -CA ca.crt -CAkey ca.key -copy_extensions copyall \\\n  -days %s -sha256 -out %s", csr, a.days, cert)
	r.printf("\nWith Vault")
	params := "ttl=" + a.hours
	if q.Role == pki.Signing {
		params = "use_csr_values=true max_path_length=0 " + params
		r.printf(":\n\n")
	} else {
		r.printf("; `ROLE` must allow these names, for servers and clients:\n\n")
	}
	r.sh("vault write -field=certificate %s csr=@%s %s >%s", a.vault, csr, params, cert)
	r.printf("\nWith AWS Private CA; `CA` holds its ARN (SHA256WITHECDSA if the CA has an ECDSA key):\n\n")
	r.sh("%s", strings.Join([]string{
		fmt.Sprintf("ARN=$(aws acm-pca issue-certificate --certificate-authority-arn \"$CA\" --csr fileb://%s \\\n  --signing-algorithm SHA256WITHRSA --validity Value=%s,Type=DAYS \\\n  --template-arn arn:aws:acm-pca:::template/%s \\\n  --query CertificateArn --output text)", csr, a.days, a.aws),
		`aws acm-pca wait certificate-issued --certificate-authority-arn "$CA" --certificate-arn "$ARN"`,
		fmt.Sprintf("aws acm-pca get-certificate --certificate-authority-arn \"$CA\" --certificate-arn \"$ARN\" --query Certificate --output text >%s", cert),
	}, "\n"))
	if shell.Word(answer) != answer {
		answer = strconv.Quote(answer)
	}
	r.printf("\nThen, in the topology:\n\n```yaml\npki:\n  external:\n    %s: {cert: %s}\n```\n", role, answer)
}

// requested points from the runbook to the pending requests.
func (r *runbook) requested() {
	if r.plan.External == nil || len(r.lock.Requests) == 0 {
		return
	}
	r.printf("Some certificates are requested, but not here yet: see `%s`. Until then clusters keep the certificates that they have.\n", diag.Printable(path.Join(r.at.Build, plan.RequestsFolder, RunbookFile)))
}
