package templates

import (
	html "html/template"
	"strconv"
	"text/template/parse"
)

// settle puts words that take no value into the parsed templates of one
// language, where a call would look the same words up for every page and mail.
// literal writes them as the text around them is written.
func settle(tree *parse.Tree, locale string, literal func(string) string) {
	if tree != nil {
		settler{locale, literal}.list(tree.Root)
	}
}

// escaped is how words stand in HTML. Templates hold them between tags and in quoted attributes only.
func escaped(s string) string { return html.HTMLEscapeString(s) }

func asIs(s string) string { return s }

type settler struct {
	locale  string
	literal func(string) string
}

func (s settler) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for i, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if words, ok := s.words(n.Pipe); ok {
				l.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(s.literal(words))}
				continue
			}
			s.pipe(n.Pipe)
		case *parse.TemplateNode:
			s.pipe(n.Pipe)
		case *parse.IfNode:
			s.branch(&n.BranchNode)
		case *parse.RangeNode:
			s.branch(&n.BranchNode)
		case *parse.WithNode:
			s.branch(&n.BranchNode)
		}
	}
}

func (s settler) branch(b *parse.BranchNode) {
	s.pipe(b.Pipe)
	s.list(b.List)
	s.list(b.ElseList)
}

// pipe settles the words among the arguments of calls.
func (s settler) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for i, arg := range c.Args {
			inner, ok := arg.(*parse.PipeNode)
			if !ok {
				continue
			}
			if words, ok := s.words(inner); ok {
				c.Args[i] = &parse.StringNode{NodeType: parse.NodeString, Pos: inner.Pos, Quoted: strconv.Quote(words), Text: words}
				continue
			}
			s.pipe(inner)
		}
	}
}

// words tells what a pipe gives that only asks for words by their key.
func (s settler) words(p *parse.PipeNode) (string, bool) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 2 {
		return "", false
	}
	name, ok := p.Cmds[0].Args[0].(*parse.IdentifierNode)
	key, literal := p.Cmds[0].Args[1].(*parse.StringNode)
	if !ok || !literal {
		return "", false
	}
	switch name.Ident {
	case "t":
		return T(s.locale, key.Text), true
	case "label":
		return label(s.locale, key.Text), true
	}
	return "", false
}
