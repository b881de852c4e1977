package policy

import (
	_ "embed"
	"math"
	"reflect"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema"
)

// Shape is the definition of the input, for authors of policies.
//
//go:embed input.cue
var Shape string

// Version is the input's version. Within it, no field changes its meaning or is removed.
const Version = "relayform.policy/v1"

// Input is what a policy constrains; input.cue explains each field.
type Input struct {
	Topology map[string]any `json:"topology"`
	Plan     map[string]any `json:"plan"`
}

// The types of the plan in the input. A pointer is an optional field.
type (
	resolved struct {
		APIVersion   string             `json:"apiVersion"`
		Name         string             `json:"name"`
		Product      string             `json:"product"`
		Namespace    string             `json:"namespace"`
		Authority    string             `json:"authority"`
		RelayAddress string             `json:"relayAddress"`
		DNSNames     []string           `json:"dnsNames"`
		PKI          string             `json:"pki"`
		KeyAlgorithm *string            `json:"keyAlgorithm"`
		Agents       string             `json:"agents"`
		Validity     *validity          `json:"validity"`
		Rotation     string             `json:"rotation"`
		Store        string             `json:"store"`
		Encrypted    bool               `json:"encrypted"`
		Engine       string             `json:"engine"`
		Mode         string             `json:"mode"`
		Ingress      string             `json:"ingress"`
		Charts       string             `json:"charts"`
		Management   string             `json:"management"`
		Clusters     map[string]cluster `json:"clusters"`
		ClusterList  []cluster          `json:"clusterList"`
	}
	validity struct {
		Root    span  `json:"root"`
		Signing span  `json:"signing"`
		Server  span  `json:"server"`
		Agents  *span `json:"agents"`
	}
	span struct {
		Hours int64   `json:"hours"`
		Days  float64 `json:"days"`
	}
	cluster struct {
		Name          string            `json:"name"`
		Role          string            `json:"role"`
		Context       string            `json:"context"`
		ClusterDomain string            `json:"clusterDomain"`
		RelayAddress  string            `json:"relayAddress"`
		Authority     string            `json:"authority"`
		Agent         bool              `json:"agent"`
		Labels        map[string]string `json:"labels"`
	}
)

// Of returns the input for a plan.
func Of(p *plan.Plan) Input {
	r := resolved{
		APIVersion: Version, Name: p.Name, Product: p.Product.Name, Namespace: p.Namespace, Authority: p.Authority, RelayAddress: p.RelayAddress,
		DNSNames: p.ServerNames,
		PKI:      p.Source()[1], Agents: "relay", Rotation: p.Rotation.Phase, Store: "local", Encrypted: len(p.EncryptTo) > 0,
		Ingress: p.Ingress.Name, Charts: p.Charts.Version, Management: p.Management.Name, Clusters: map[string]cluster{},
	}
	switch {
	case p.IssuesAgents():
		r.Agents = "issued"
	case p.BringsAgents():
		r.Agents = "brought"
	case p.CertManager != nil && p.CertManager.Signing == nil:
		r.Agents = "certManager"
	}
	if s := p.SelfSigned; s != nil {
		algorithm := "rsa"
		if s.ECDSA {
			algorithm = "ecdsa"
		}
		r.KeyAlgorithm, r.Validity = &algorithm, validityOf(s)
	}
	if s := p.Topology.Secrets; s != nil && schema.Chosen(*s) != "" {
		r.Store = schema.Chosen(*s)
	}
	if d := p.Deliver; d != nil {
		r.Engine, r.Mode = schema.Chosen(*p.Topology.Deliver), d.Mode()
	}
	for c := range p.Each {
		one := cluster{Name: c.Name, Role: "remote", Context: c.Context, ClusterDomain: c.ClusterDomain, RelayAddress: c.RelayAddress, Authority: c.Authority, Agent: c.Agent, Labels: c.Labels}
		if c.Name == p.Management.Name {
			one.Role = "management"
		}
		r.Clusters[c.Name] = one
		r.ClusterList = append(r.ClusterList, one)
	}
	return Input{Topology: plainOf(reflect.ValueOf(*p.Topology), false).(map[string]any), Plan: plainOf(reflect.ValueOf(r), true).(map[string]any)}
}

func validityOf(f *pki.Facts) *validity {
	v := &validity{Root: spanOf(f.Root), Signing: spanOf(f.Signing), Server: spanOf(f.Server)}
	if f.Agents > 0 {
		agents := spanOf(f.Agents)
		v.Agents = &agents
	}
	return v
}

func spanOf(d time.Duration) span { return span{int64(d / time.Hour), d.Hours() / 24} }

// plainOf converts a value to CUE data. What a topology does not set, and has no default, is absent: the schema permits no empty string and
// no 0. In the plan, where whole is true, an empty string is present.
func plainOf(v reflect.Value, whole bool) any {
	switch v.Kind() {
	case reflect.Pointer:
		return plainOf(v.Elem(), whole)
	case reflect.Struct:
		if either, ok := v.Interface().(schema.Clients); ok { // a folder, or files by cluster
			if either.Folder != "" {
				return string(either.Folder)
			}
			return plainOf(reflect.ValueOf(either.Each), whole)
		}
		m := map[string]any{}
		for i := range v.NumField() {
			f := v.Field(i)
			switch f.Kind() {
			case reflect.Pointer:
				if f.IsNil() {
					continue
				}
			case reflect.String, reflect.Int64:
				if !whole && f.IsZero() {
					continue
				}
			}
			m[nameOf(v.Type().Field(i))] = plainOf(f, whole)
		}
		return m
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()] = plainOf(v.MapIndex(k), whole)
		}
		return m
	case reflect.Slice:
		l := make([]any, v.Len())
		for i := range l {
			l[i] = plainOf(v.Index(i), whole)
		}
		return l
	case reflect.Bool:
		return v.Bool()
	case reflect.Float64:
		if f := v.Float(); f != math.Trunc(f) {
			return f
		}
		return int64(v.Float())
	case reflect.Int64:
		return v.Int()
	}
	return v.String()
}

// nameOf returns a field's name in YAML and JSON.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
