// Package tnef opens winmail.dat, the container (MS-OXTNEF) into which some
// Microsoft servers pack the files and the body of a message.
//
//	bytes -> attributes -> MAPI properties -> Message
//
// It follows MS-OXTNEF for the container, MS-OXCDATA for the property types and
// MS-OXRTFCP for the compressed body. It must not know mail: what a name is
// worth and how a page shows it is decided by the caller.
package tnef

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// ErrFormat says that the bytes are no TNEF.
var ErrFormat = errors.New("tnef: not a winmail.dat")

// Bounds of what is read.
const (
	maxFiles = 1000
	maxDepth = 4
	// maxRTF is the most a compressed body may grow to, in bytes.
	maxRTF = 4 << 20
)

// Message is what lay in the container.
type Message struct {
	// Text and HTML are the body, if one was in it. Text may have \r\n.
	Text, HTML string
	// Files are the attachments in order, those of attached messages included.
	Files []File
	// Damaged tells that the container ended early or held nonsense; what was
	// read before is there.
	Damaged bool
}

// File is one attachment. Its names are the sender's, not made safe.
type File struct {
	Name, Type, ContentID string
	// Content shares memory with the container.
	Content []byte

	opened bool // an attached message whose parts are files of their own
}

// Charset turns text of a Windows code page into UTF-8; 0 is an unknown one.
type Charset func(b []byte, codePage int) string

// Attributes of MS-OXTNEF §2.1.3.3, in order: level, then id with type.
const (
	signature   = 0x223e9f78
	levelFile   = 2
	attBody     = 0x0002800c
	attProps    = 0x00069003
	attRendData = 0x00069002 // begins a new attachment
	attFile     = 0x00069005 // properties of the attachment
	attTitle    = 0x00018010
	attData     = 0x0006800f
	attCodePage = 0x00069007
)

// Decode reads a container. The error is ErrFormat; damage further in is told
// by Damaged.
func Decode(b []byte, text Charset) (*Message, error) {
	m := &Message{}
	d := decoder{text: text, msg: m}
	if !d.stream(b, 0) {
		return nil, ErrFormat
	}
	return m, nil
}

type decoder struct {
	text     Charset
	msg      *Message
	codePage int
}

// body is the body of one message in its forms.
type body struct {
	text, html string
	rtf        []byte
}

// stream reads one container. The body of an attached message becomes a file.
func (d *decoder) stream(b []byte, depth int) bool {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != signature {
		return false
	}
	var have body
	var file *File
	for b = b[6:]; len(b) > 0; {
		level, id, data, rest, ok := attribute(b)
		if !ok {
			d.msg.Damaged = true
			break
		}
		b = rest
		if level == levelFile {
			if id == attRendData || file == nil {
				d.keep(file)
				file = &File{}
			}
			d.fileAttribute(file, id, data, depth)
			continue
		}
		switch id {
		case attCodePage:
			if len(data) >= 4 {
				d.codePage = int(binary.LittleEndian.Uint32(data)) & 0xffff
			}
		case attBody:
			have.text = d.narrow(data)
		case attProps:
			d.messageProperties(&have, data)
		}
	}
	d.keep(file)
	if have.text == "" && have.html == "" && len(have.rtf) > 0 {
		have.text = rtfText(expand(have.rtf), d.text)
	}
	if depth == 0 {
		d.msg.Text, d.msg.HTML = have.text, have.html
	} else if have.text != "" {
		d.keep(&File{Name: "message.txt", Type: "text/plain", Content: []byte(have.text)})
	} else if have.html != "" {
		d.keep(&File{Name: "message.html", Type: "text/html", Content: []byte(have.html)})
	}
	return true
}

// attribute takes one off the front: level, id, length, data, checksum
// (MS-OXTNEF §2.1.3.1). The checksum is not looked at: damage shows anyway.
func attribute(b []byte) (level byte, id uint32, data, rest []byte, ok bool) {
	if len(b) < 9 {
		return 0, 0, nil, nil, false
	}
	level, id = b[0], binary.LittleEndian.Uint32(b[1:])
	n := uint64(binary.LittleEndian.Uint32(b[5:]))
	if b = b[9:]; n > uint64(len(b)) {
		return 0, 0, nil, nil, false
	}
	data, rest = b[:n:n], b[n:]
	return level, id, data, rest[min(2, len(rest)):], true
}

// keep adds a file that has a name or content.
func (d *decoder) keep(f *File) {
	switch {
	case f == nil || f.opened || f.Name == "" && len(f.Content) == 0:
	case len(d.msg.Files) >= maxFiles:
		d.msg.Damaged = true
	default:
		d.msg.Files = append(d.msg.Files, *f)
	}
}

func (d *decoder) fileAttribute(f *File, id uint32, data []byte, depth int) {
	switch id {
	case attTitle:
		if f.Name == "" { // the long name of the properties is better
			f.Name = d.narrow(data)
		}
	case attData:
		f.Content = data
	case attFile:
		d.fileProperties(f, data, depth)
	}
}

// narrow reads text of the container's code page, which ends at a NUL.
func (d *decoder) narrow(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return d.text(b, d.codePage)
}
