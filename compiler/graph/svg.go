package graph

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

// Style is the style of a drawing, for light and dark backgrounds, both in a file and in a page.
//
//go:embed drawing.css
var Style string

//go:embed drawing.svg.tmpl
var drawing string

// drawings uses html/template, which escapes each text for its context; its output is also valid XML.
var drawings = template.Must(template.New("drawing").Parse(drawing))

// writeSVG writes the parts one below the other, as a standalone file.
func (p Picture) writeSVG(w io.Writer) error {
	const heading = 30
	type placed struct {
		laid
		Top, Heading int
	}
	data := struct {
		Picture
		Says          string
		Style         template.CSS
		Width, Height int
		Placed        []placed
	}{Picture: p, Style: template.CSS(Style)}
	var says []string
	for _, part := range p.Parts {
		l := part.layOut()
		data.Placed = append(data.Placed, placed{l, data.Height + heading, data.Height + heading - 6})
		data.Height += heading + l.Height
		data.Width = max(data.Width, l.Width)
		says = append(says, part.Says)
	}
	data.Says = strings.Join(says, " ")
	return drawings.ExecuteTemplate(w, "file", data)
}

// Drawing returns one part as an element of a page, which contains the Style.
func (p Part) Drawing() (template.HTML, error) {
	var b strings.Builder
	err := drawings.ExecuteTemplate(&b, "element", p.layOut())
	return template.HTML(b.String()), err
}
