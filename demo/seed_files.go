package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"planpost/mail"
)

// sampleFile makes an attachment by its name. It is a real file of its kind.
func sampleFile(name string) (mail.Attachment, error) {
	switch name {
	case "samples.pdf":
		return pdfFile(name, "Facade samples, north side", "A  NCS S 2002-B  cold grey", "B  NCS S 2005-Y40R  warm grey, close to the old stone", "Fibre cement, 8 mm, 1200 x 2400"), nil
	case "window-detail.pdf":
		return pdfFile(name, "Window sill, level 2", "Slope 3 %", "Profile as on level 1", "Scale 1:5"), nil
	case "ceiling.pdf":
		return pdfFile(name, "Hotel Rila, lobby ceiling", "Acoustic panels, oak, 140 m2", "Lights stay where they are"), nil
	case "certificate.pdf":
		return pdfFile(name, "Reaction to fire: B-s1,d0", "Wall panels, oak veneer on gypsum", "Valid until the end of next year"), nil
	case "loads.txt":
		return mail.Attachment{Name: name, Type: "text/plain", Content: []byte("Panels, level 3\r\nold: 26 kg/m2\r\nnew: 31 kg/m2\r\nbrackets: 48, every 60 cm\r\n")}, nil
	case "reinforcement.txt":
		return mail.Attachment{Name: name, Type: "text/plain", Content: []byte("Konsole Ebene 3\r\nAuslastung alt 71 %, neu 84 %\r\nEcke: 4 Anker M12, Abstand 40 cm\r\n")}, nil
	case "bracket.png":
		return drawing(name, color.RGBA{70, 90, 110, 255})
	case "mirror.png":
		return drawing(name, color.RGBA{150, 60, 50, 255})
	}
	return mail.Attachment{}, fmt.Errorf("there is no sample file %q", name)
}

// pdfFile is one page of A4 with a title and lines.
func pdfFile(name, title string, lines ...string) mail.Attachment {
	page := "BT /F1 20 Tf 60 760 Td (" + winAnsi(title) + ") Tj ET\n60 748 m 535 748 l S\n"
	for i, l := range lines {
		page += fmt.Sprintf("BT /F1 12 Tf 60 %d Td (%s) Tj ET\n", 715-24*i, winAnsi(l))
	}
	return pdfPage(name, 595, 842, page)
}

// pdfPage writes one page of so many points (ISO 32000-1 §7.5, the smallest form that viewers take).
func pdfPage(name string, width, height float64, content string) mail.Attachment {
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>", width, height),
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return mail.Attachment{Name: name, Type: "application/pdf", Content: b.Bytes()}
}

// drawing is a small picture: a frame, and a line across it in the colour.
func drawing(name string, line color.RGBA) (mail.Attachment, error) {
	const w, h = 240, 160
	img := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.RGBA{244, 241, 234, 255}, line})
	for x := range w {
		for y := range h {
			frame := x < 6 || y < 6 || x >= w-6 || y >= h-6
			if across := x*h - y*w; frame || across > -400 && across < 400 {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return mail.Attachment{}, fmt.Errorf("draw %s: %w", name, err)
	}
	return mail.Attachment{Name: name, Type: "image/png", Content: b.Bytes()}, nil
}
