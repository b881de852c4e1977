package graph

import "fmt"

// Sizes in a drawing, in SVG pixels.
const (
	margin     = 16
	columnGap  = 56
	rowGap     = 14
	padding    = 12
	lineHeight = 16
	nameHeight = 19
	framePad   = 14
	frameHead  = 22
	nameWidth  = 8.3 // of a character in a name, for wide fonts
	lineWidth  = 7.0
	minWidth   = 120
)

// box is a node with its position.
type box struct {
	Node
	X, Y, Width, Height int
}

// Baseline returns the baseline of a line of text.
func (b box) Baseline(line int) int { return b.Y + padding + nameHeight + line*lineHeight }

// Top returns the baseline of the name.
func (b box) Top() int { return b.Y + padding + 11 }

// Left returns where text begins.
func (b box) Left() int { return b.X + padding }

// arrow is an edge with its path.
type arrow struct {
	Edge
	Path, Head string
	X, Y       int // of the label
}

// laid is a part with all positions.
type laid struct {
	Part
	Boxes               []box
	Arrows              []arrow
	Width, Height       int
	FrameX, FrameY      int
	FrameWidth, FrameHi int
}

// layOut puts boxes into columns from left to right, each column centred, and draws the arrows between them.
func (p Part) layOut() laid {
	l := laid{Part: p}
	var columns [][]int
	for i, n := range p.Nodes {
		for len(columns) <= n.Column {
			columns = append(columns, nil)
		}
		columns[n.Column] = append(columns[n.Column], i)
		l.Boxes = append(l.Boxes, box{Node: n, Width: n.width(), Height: 2*padding + nameHeight - 5 + len(n.Lines)*lineHeight})
	}
	tallest := 0
	heights := make([]int, len(columns))
	for c, column := range columns {
		for _, i := range column {
			heights[c] += l.Boxes[i].Height + rowGap
		}
		heights[c] -= rowGap
		tallest = max(tallest, heights[c])
	}
	top := margin
	if p.Frame != "" {
		top += frameHead
	}
	x := margin
	for c, column := range columns {
		widest := 0
		for _, i := range column {
			widest = max(widest, l.Boxes[i].Width)
		}
		y := top + (tallest-heights[c])/2
		for _, i := range column {
			b := &l.Boxes[i]
			b.X, b.Y, b.Width = x, y, widest
			y += b.Height + rowGap
		}
		if len(column) > 0 {
			x += widest + columnGap
		}
	}
	l.Width, l.Height = x-columnGap+margin, top+tallest+margin
	l.frame()
	for _, e := range p.Edges {
		l.Arrows = append(l.Arrows, between(l.Boxes[e.From], l.Boxes[e.To], e))
	}
	return l
}

func (n Node) width() int {
	widest := float64(len([]rune(n.Name))) * nameWidth
	for _, line := range n.Lines {
		widest = max(widest, float64(len([]rune(line)))*lineWidth)
	}
	return max(minWidth, int(widest)+2*padding)
}

// frame surrounds the boxes that are framed.
func (l *laid) frame() {
	right, bottom := 0, 0
	for _, b := range l.Boxes {
		if !b.Framed {
			continue
		}
		if right == 0 {
			l.FrameX, l.FrameY = b.X, b.Y
		}
		l.FrameX, l.FrameY = min(l.FrameX, b.X), min(l.FrameY, b.Y)
		right, bottom = max(right, b.X+b.Width), max(bottom, b.Y+b.Height)
	}
	if right == 0 {
		return
	}
	l.FrameX, l.FrameY = l.FrameX-framePad, l.FrameY-framePad-frameHead
	l.FrameWidth, l.FrameHi = right-l.FrameX+framePad, bottom-l.FrameY+framePad
	l.Width = max(l.Width, l.FrameX+l.FrameWidth+margin)
	l.Height = max(l.Height, l.FrameY+l.FrameHi+margin)
}

// between returns the path of an arrow from the right side of a box to the left side of another.
func between(a, b box, e Edge) arrow {
	x1, y1, x2, y2 := a.X+a.Width, a.Y+a.Height/2, b.X, b.Y+b.Height/2
	bend := (x2 - x1) / 2
	return arrow{
		Edge: e, Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2-6, y2),
		Head: fmt.Sprintf("M%d %dl-8 -4v8z", x2, y2),
		X:    (x1 + x2) / 2, Y: (y1+y2)/2 - 5,
	}
}
