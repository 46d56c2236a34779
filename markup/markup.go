// Package markup knows two things about untrusted HTML that everybody needs
// who reads it: whether a tree can be built of it without harm (Repeats), and
// which words a reader would not see (Sight).
//
// What hides is followed element by element, by the element's own style and by
// the simple rules of the document's style sheets. It does not lay anything
// out: when it is not sure, the words are seen.
//
// It must not know what is done with the answer, nor that there is mail.
package markup
