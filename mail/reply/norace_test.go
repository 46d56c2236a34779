//go:build !race

package reply

const smaller = 1
