// Package document writes what commands found for other programs, as JSON, and describes it by JSON Schema.
package document

import (
	"io"
	"reflect"

	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// WriteJSON writes a document as JSON. Its texts are masked: paths, messages and what kubectl says may hold anything. A list that
// is nil is written as an empty one, as the schema says.
func WriteJSON(w io.Writer, v any) error {
	own := reflect.New(reflect.TypeOf(v)).Elem()
	own.Set(reflect.ValueOf(v))
	fit(own)
	return diag.WriteJSON(w, "  ", own.Interface())
}

// fit masks the texts of a value, and makes empty lists of those that are nil. What it points to is copied first.
func fit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		fit(own.Elem())
		v.Set(own)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
				fit(v.Field(i))
			}
		}
	case reflect.Slice:
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			fit(own.Index(i))
		}
		v.Set(own)
	case reflect.String:
		v.SetString(secrecy.Mask(v.String()))
	}
}
