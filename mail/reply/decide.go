package reply

import "strings"

// decide cuts what is not the author's and puts the rest together.
func (d *doc) decide() Result {
	d.answers()
	end := d.history()
	d.signatures()
	d.tags()
	d.quotes(end)
	return d.result()
}

// history finds where older messages begin and cuts them. It returns the index
// of the first line of a forwarded message, or the number of lines.
func (d *doc) history() int {
	for i := 0; i < len(d.lines); i++ {
		l := &d.lines[i]
		if l.depth > 0 && l.kind == marker && d.bareMarker(i) {
			d.cutRest(i, asMarker)
			return len(d.lines)
		}
		if l.cut != kept || l.depth > 0 && !l.split {
			continue
		}
		switch {
		case l.last:
			d.cutRest(i+1, asMarker)
			return len(d.lines)
		case l.kind == forward, (l.kind == header || l.split) && d.isForward():
			return i
		case l.kind == marker:
			if d.spokeBefore(i) {
				d.cutRest(i, asMarker)
				return len(d.lines)
			}
			l.cut = asMarker
		case l.kind == header || l.kind == original || l.split:
			i = d.older(i)
		case l.kind == attribution || l.tail != "":
			i = d.attributed(i)
		}
	}
	return len(d.lines)
}

// bareMarker tells that the marker at i is quoted but nothing else below it
// is: the client quotes without marks, so the rest is history all the same.
func (d *doc) bareMarker(i int) bool {
	for _, l := range d.lines[i+1:] {
		if l.depth > 0 && l.kind != blank {
			return false
		}
	}
	return d.spokeBefore(i)
}

// older handles a header block or divider at i: what follows is history to the
// end, unless it is marked as quoted and somebody wrote below it.
func (d *doc) older(i int) int {
	end := i
	for end < len(d.lines) && d.lines[end].heading() && d.lines[end].cut == kept && d.lines[end].depth == d.lines[i].depth {
		end++
	}
	if end == i {
		end++
	}
	for j := i; j < end; j++ {
		switch d.lines[j].cut = asHeaders; d.lines[j].kind {
		case words:
			d.lines[j].cut = asContainer
		case attribution:
			d.lines[j].cut = asAttribution
		}
	}
	if next := d.nextText(end); next < len(d.lines) && d.lines[next].depth > 0 && !d.lines[i].split && d.spokeAfter(next) {
		return end - 1
	}
	d.cutRest(end, asQuote)
	return len(d.lines)
}

// heading tells that a line may stand above an older message: some clients
// write a divider and an attribution.
func (l *line) heading() bool {
	switch l.kind {
	case header, original, blank, rule, attribution:
		return true
	}
	return false
}

// attributed handles an attribution at i. Quoted lines below it are dealt with
// by quotes; without any, the rest is history, but only when the author has
// spoken above: otherwise his words may be all that is left.
func (d *doc) attributed(i int) int {
	end := i
	if d.lines[i].kind == attribution {
		d.lines[i].cut = asAttribution
	}
	for end+1 < len(d.lines) && d.lines[end+1].kind == attribution {
		end++
		d.lines[end].cut = asAttribution
	}
	next := d.nextText(end + 1)
	for next < len(d.lines) && d.lines[next].kind == attribution {
		// One attribution in two pieces with a blank line between.
		d.lines[next].cut = asAttribution
		end = next
		next = d.nextText(next + 1)
	}
	if next >= len(d.lines) || d.lines[next].depth > 0 || d.lines[next].kind == marker {
		return end
	}
	if d.spokeBefore(i) || d.lines[i].tail != "" || d.lines[next].history {
		d.cutRest(end+1, asQuote)
		return len(d.lines)
	}
	return end
}

// spokeBefore tells that words of the author stand above line i. What is cut
// stays cut, so the first of them is only ever looked for further down.
func (d *doc) spokeBefore(i int) bool {
	for d.first < i {
		l := &d.lines[d.first]
		if l.cut == kept && l.depth == 0 && (l.kind == words || l.kind == code) && !l.history {
			return true
		}
		d.first++
	}
	return false
}

// spokeAfter tells that unquoted words follow line i.
func (d *doc) spokeAfter(i int) bool {
	if d.last == 0 {
		for d.last = len(d.lines) - 1; d.last > 0; d.last-- {
			if l := &d.lines[d.last]; l.depth == 0 && (l.kind == words || l.kind == code) {
				break
			}
		}
	}
	return d.last > i
}

// cutRest cuts everything from i on, but not what the author typed between the
// lines that are ours; that stays with what it answers.
func (d *doc) cutRest(i int, why cause) {
	seen := false
	for start := i; i < len(d.lines); i++ {
		l := &d.lines[i]
		seen = d.aligned && (seen || l.ours || l.echo)
		if l.cut != kept {
			continue
		}
		if seen && d.olderStill(i) {
			seen = false
			d.cutAll(i, why)
			return
		}
		if seen && l.foreign() {
			d.keepAnswered(start, i)
			continue
		}
		l.drop(why)
	}
}

// cutAll cuts everything from i on.
func (d *doc) cutAll(i int, why cause) {
	for ; i < len(d.lines); i++ {
		if l := &d.lines[i]; l.cut == kept {
			l.drop(why)
		}
	}
}

// drop cuts a line of the history.
func (l *line) drop(why cause) {
	l.cut = why
	if l.ours {
		l.cut = asOwnText
	}
	if l.history {
		l.cut = asContainer
	}
}

// tags cuts "Sent from my …" lines among the author's.
func (d *doc) tags() {
	for i := range d.lines {
		l := &d.lines[i]
		if l.cut != kept || l.depth > 0 {
			continue
		}
		switch l.kind {
		case sentFrom:
			l.cut = asSentFrom
			d.belowTag(i)
		case banner:
			l.cut = asBanner
		}
	}
}

// belowTag cuts what stands below a tag without any mark: clients put the tag
// at the end of the answer, so it is an older message whose introduction is
// missing. It is not done where alignment could tell better, nor when the
// author has not spoken above.
func (d *doc) belowTag(i int) {
	if d.in.Sent != "" || i+1 >= len(d.lines) || d.lines[i+1].kind != blank || !d.spokeBefore(i) {
		return
	}
	for i++; i < len(d.lines); i++ {
		l := &d.lines[i]
		if l.depth > 0 || l.kind == attribution || l.kind == forward || l.kind == header {
			return
		}
		if l.cut == kept && l.kind != sentFrom {
			l.cut = asQuote
		}
	}
}

// quotes cuts the quoted lines before the author's first and after his last
// word, when it is known that they are quotes of a message, and the
// attributions and markers everywhere above end.
func (d *doc) quotes(end int) {
	first, last := -1, -1
	for i := range d.lines[:end] {
		l := &d.lines[i]
		if l.cut == kept && l.depth == 0 && (l.kind == words || l.kind == code) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	known := false
	for i := 0; i < end; i++ {
		l := &d.lines[i]
		if l.depth == 0 {
			continue
		}
		from := i
		for i+1 < end && (d.lines[i+1].depth > 0 || d.lines[i+1].kind == blank && i+2 < end && d.lines[i+2].depth > 0) {
			i++
		}
		known = known || d.introduced(from, i)
		d.block(from, i, known, first < 0 || i < first || from > last)
	}
}

// block cuts one run of quoted lines: all of it at the edge, its attributions
// in between.
func (d *doc) block(from, to int, known, edge bool) {
	for i := from; i <= to; i++ {
		l := &d.lines[i]
		if l.cut != kept || l.answered {
			continue
		}
		switch {
		case known && edge:
			l.cut = asQuote
			if l.ours {
				l.cut = asOwnText
			}
			if l.kind == attribution {
				l.cut = asAttribution
			}
			if l.kind == header || l.kind == original {
				l.cut = asHeaders
			}
			if l.kind == marker {
				l.cut = asMarker
			}
		case l.kind == attribution && known:
			l.cut = asAttribution
		case (l.kind == header || l.kind == original) && known && !l.ours:
			l.cut = asHeaders
		case l.kind == marker:
			l.cut = asMarker
		}
	}
}

// introduced tells that the quoted lines from from to to quote a message: an
// attribution or header stands above or at their start, they are ours, or the
// client's own element says so.
func (d *doc) introduced(from, to int) bool {
	for i := from - 1; i >= 0; i-- {
		l := &d.lines[i]
		if l.kind == attribution || l.kind == header || l.kind == original || l.tail != "" {
			return true
		}
		if l.kind != blank && l.kind != rule {
			break
		}
	}
	seen := 0
	for i := from; i <= to && seen < 4; i++ {
		l := &d.lines[i]
		if l.strong || l.ours {
			return true
		}
		switch l.kind {
		case attribution, header, original, marker:
			return true
		case words:
			seen++
		}
	}
	for i := from; i <= to; i++ {
		if d.lines[i].ours || d.lines[i].strong {
			return true
		}
	}
	return false
}

// result joins what is left and lists what went.
func (d *doc) result() Result {
	r := Result{From: d.from}
	forwardAt := len(d.lines)
	for i := range d.lines {
		if l := &d.lines[i]; l.cut == kept && l.depth == 0 && (l.kind == forward || (l.kind == header || l.split) && d.isForward()) {
			forwardAt = i
			break
		}
	}
	r.Removed = d.removed()
	above := begunBefore(r.Removed, forwardAt)
	r.Reply = d.join(0, forwardAt, r.Removed[:above])
	r.Forwarded = d.join(forwardAt, len(d.lines), r.Removed[above:])
	if strings.IndexFunc(r.Reply, isWord) < 0 {
		r.Reply = ""
		r.Empty = r.Forwarded == ""
		switch {
		case !r.Empty:
		case !d.quoting():
			r.Removed = withVeiled(nil, d.veiled)
			r.Reply = d.everything(r.Removed)
			r.Empty = r.Reply == ""
		case d.thread():
			r.Removed = d.removed()
			r.Reply = d.join(0, len(d.lines), r.Removed)
			r.Empty = r.Reply == ""
		}
	}
	r.settle(above)
	return r
}

// thread tells that the body is a whole thread, each message below a header
// block of its own, the newest too; the words of that one are kept. Where what
// we sent is known, alignment could tell better.
func (d *doc) thread() bool {
	if d.in.Sent != "" {
		return false
	}
	from := d.nextText(0)
	for from < len(d.lines) && d.lines[from].depth == 0 && d.lines[from].kind == header {
		from++
	}
	end := from
	for end < len(d.lines) && (d.lines[end].kind == words || d.lines[end].kind == blank) && d.lines[end].depth == 0 && !(end > from && d.lines[end].split) {
		end++
	}
	if from == d.nextText(0) || d.nextText(from) >= end || end == len(d.lines) || d.lines[end].kind != header && !d.lines[end].split {
		return false
	}
	for ; from < end; from++ {
		d.lines[from].cut = kept
	}
	return true
}

// settle makes the places of the cuts, of which so many are in the reply and
// the others in the forwarded message, places in both together.
func (r *Result) settle(above int) {
	start := 0
	if r.Reply != "" && r.Forwarded != "" {
		start = len(r.Reply) + len("\n\n")
	}
	for i := range r.Removed {
		cut := &r.Removed[i]
		if i < above {
			cut.At = min(cut.At, len(r.Reply))
		} else {
			cut.At = start + min(cut.At, len(r.Forwarded))
		}
	}
}

// quoting tells that a cut is proven to be an older message; a signature, or a
// client's element alone, may be all the author wrote.
func (d *doc) quoting() bool {
	tag, other := false, false
	for i := range d.lines {
		l := &d.lines[i]
		switch {
		case l.kind == attribution, l.kind == header, l.kind == original, l.kind == marker, l.ours, l.split, l.tail != "", l.strong && !l.history:
			return true
		case l.kind == sentFrom:
			tag = true
		case l.kind != blank && l.kind != rule:
			other = true
		}
	}
	return tag && !other
}
