// Package document writes the results of commands as JSON for other programs, and describes it with JSON Schema.
package document

import (
	"io"
	"reflect"

	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// WriteJSON writes a document as JSON. Private values in its strings are masked, as paths, messages and kubectl's output may contain
// anything. A nil list is written as an empty one, as the schema says.
func WriteJSON(w io.Writer, v any) error {
	own := reflect.New(reflect.TypeOf(v)).Elem()
	own.Set(reflect.ValueOf(v))
	fit(own)
	return diag.WriteJSON(w, "  ", own.Interface())
}

// fit masks the strings in a value, and replaces nil lists with empty ones. What it points to is copied first.
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
