package delivery

import (
	"encoding/json"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/sealedsecret"
)

// sealedFile contains the SealedSecrets of a cluster.
const sealedFile = "sealed-secrets.yaml"

// asSealedSecret writes the object from which a controller creates a Secret (bitnami.com/v1alpha1, SealedSecret). The Secret is the
// controller's: it does not have relayform's label, because a prune would treat it as a leftover.
func asSealedSecret(p *plan.Plan, l *lockfile.File, r product.Role, c Ciphertext, s lockfile.Sealed, public map[string][]byte) (string, manifest.Object, error) {
	text, ok := readSealed(s)
	if !ok {
		return "", manifest.Object{}, nil
	}
	scope := p.SealedSecrets.Scope.Annotations()
	o := manifest.New(manifest.SealedSecret.APIVersion(), manifest.SealedSecret.Name, p.Namespace, r.Secret, nil, sealedsecret.Spec{
		EncryptedData: map[string]string{c.Key: text},
		Template: sealedsecret.Template{
			Type: l.TypeOf(r.Role), Data: texts(public),
			Metadata: sealedsecret.Metadata{Labels: map[string]string{manifest.ManagedByLabel: sealedsecret.ManagedBy}, Annotations: scope},
		},
	})
	o.Metadata.Annotations = scope
	return sealedFile, o, nil
}

// readSealed returns a record's content; false if it is not for Sealed Secrets.
func readSealed(s lockfile.Sealed) (string, bool) {
	var text string
	ok := json.Unmarshal(s.Text, &text) == nil && sealedsecret.Check(text) == nil
	return text, ok
}
