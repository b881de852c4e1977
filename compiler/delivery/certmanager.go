package delivery

import (
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// CertificatesFile contains the Certificates of a cluster.
const CertificatesFile = "certificates.yaml"

// certificates has cert-manager issue the certificates that are issued in the clusters. Nothing else may write a Secret with such a name:
// cert-manager applies its own by force, and an overlay would revert it.
func (parts *Parts) certificates(p *plan.Plan) {
	for _, r := range p.Product.Roles {
		switch {
		case !r.Issued:
		case r.Own:
			parts.clients = make(map[string]Client, len(p.Remotes)+1)
			for _, c := range p.Agents() {
				parts.clients[c.Name] = Client{Public: Secret{r.Role, certificate(p, r, c)}, File: CertificatesFile}
			}
		default:
			parts.Management.Asks = append(parts.Management.Asks, Secret{r.Role, certificate(p, r, p.Management)})
		}
	}
}

type (
	certificateSpec struct {
		SecretName  string     `json:"secretName"`
		CommonName  string     `json:"commonName"`
		Subject     *subject   `json:"subject,omitempty"`
		DNSNames    []string   `json:"dnsNames,omitempty"`
		IsCA        bool       `json:"isCA,omitempty"`
		Usages      []string   `json:"usages"`
		Duration    string     `json:"duration"`
		RenewBefore string     `json:"renewBefore"`
		PrivateKey  privateKey `json:"privateKey"`
		IssuerRef   issuerRef  `json:"issuerRef"`
	}
	subject struct {
		Organizations []string `json:"organizations"`
	}
	privateKey struct {
		Algorithm      string `json:"algorithm"`
		Size           int    `json:"size"`
		RotationPolicy string `json:"rotationPolicy"`
	}
	issuerRef struct {
		Group string `json:"group"`
		Kind  string `json:"kind"`
		Name  string `json:"name"`
	}
)

// maxCommonName is the maximum length of a common name (RFC 5280 A.1, ub-common-name).
const maxCommonName = 64

// certificate returns the Certificate for a role's Secret in a cluster (cert-manager.io/v1). It has the Secret's name, so that both are
// easy to find. Some issuers require a common name: it is the first DNS name that is short enough; the Service's own always is.
func certificate(p *plan.Plan, r product.Role, c plan.Cluster) manifest.Object {
	from, lasts := p.CertManager.Issuer(r.Role, c.Name), p.CertManager.LastsOf(r.Role)
	spec := certificateSpec{
		SecretName: r.Secret, DNSNames: []string{c.Name}, Usages: []string{"server auth", "client auth", "digital signature", "key encipherment"},
		PrivateKey: privateKey{"RSA", 2048, "Always"},
		IssuerRef:  issuerRef{string(from.Group), from.Kind, string(from.Name)},
	}
	if p.CertManager.ECDSA {
		spec.PrivateKey.Algorithm, spec.PrivateKey.Size, spec.Usages = "ECDSA", 256, spec.Usages[:3]
	}
	switch r.Role {
	case pki.Server:
		spec.DNSNames = p.ServerNames
	case pki.Telemetry:
		spec.DNSNames = p.Product.TelemetryNames(p.Namespace, p.Management.ClusterDomain)
	case pki.Signing:
		spec.DNSNames, spec.IsCA = nil, true
		spec.CommonName, spec.Subject = "relay signing CA", &subject{[]string{p.Name}}
		spec.Usages = []string{"cert sign", "crl sign", "digital signature"}
	}
	for _, name := range spec.DNSNames {
		if spec.CommonName == "" && len(name) <= maxCommonName {
			spec.CommonName = name
		}
	}
	spec.Duration, spec.RenewBefore = lasts.Duration.String(), lasts.RenewBefore.String()
	return manifest.New(manifest.Certificate.APIVersion(), manifest.Certificate.Name, p.Namespace, r.Secret, nil, spec)
}
