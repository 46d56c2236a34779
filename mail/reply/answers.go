package reply

// olderStill tells that below what we sent another message is quoted: its words
// are as little ours as they are the author's. Our own marker begins no older one.
func (d *doc) olderStill(i int) bool {
	l := &d.lines[i]
	return !l.ours && l.kind != marker && (l.kind == header || l.kind == original || l.kind == attribution || l.split) && d.novelHeading(i)
}

// novelHeading tells that no line of ours touches the heading at i; a client
// may have changed a word in a heading of our own.
func (d *doc) novelHeading(i int) bool {
	return (i == 0 || !d.lines[i-1].ours) && (i+1 == len(d.lines) || !d.lines[i+1].ours)
}

// tallestAnswered is the most lines of a paragraph that are kept above an answer to it.
const tallestAnswered = 12

// keepAnswered gives an answer at i, typed into the history that begins at
// start without any mark, the paragraph above it as a quote.
func (d *doc) keepAnswered(start, i int) {
	d.lines[i].plain()
	if i > d.lastOurs {
		return // below it all: an answer to the whole
	}
	j := i - 1
	for j >= start && d.lines[j].kind == blank {
		j--
	}
	for n := 0; j >= start && n < tallestAnswered; j, n = j-1, n+1 {
		l := &d.lines[j]
		if l.kind != words || l.cut != asOwnText && l.cut != asContainer && l.cut != asQuote {
			break
		}
		l.cut, l.answered = kept, true
		if l.depth == 0 {
			l.depth, l.raw = 1, "> "+l.text
		}
		if d.src == "" { // HTML has a paragraph a line
			break
		}
	}
}

// plain makes a quoted line of HTML one of the author's.
func (l *line) plain() {
	if l.depth > 0 {
		l.depth, l.raw, l.strong = 0, l.text, false
	}
}

// textBefore is the index of the last line above i that is not blank, or -1.
func (d *doc) textBefore(i int) int {
	for i--; i >= 0 && d.lines[i].kind == blank; i-- {
	}
	return i
}

// answers finds what the author typed, without a mark, inside an element that
// holds what we sent: in colour, in bold, or as it is.
func (d *doc) answers() {
	if !d.aligned || d.from != "html" {
		return
	}
	start := -1 // of the history in hand
	for i := range d.lines {
		l := &d.lines[i]
		switch {
		case l.kind == blank:
		case l.depth != 1 || !l.strong:
			start = -1
		case l.ours && start < 0:
			start = i
		case start < 0:
		case d.olderStill(i):
			return
		case l.foreign():
			l.plain()
			l.history = false
			if j := d.textBefore(i); j >= start && i < d.lastOurs && d.lines[j].kind == words {
				d.lines[j].answered = true
			}
		}
	}
}
