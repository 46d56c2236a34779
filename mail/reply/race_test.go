//go:build race

package reply

// smaller divides huge bodies: under the race detector each byte costs twenty times as much.
const smaller = 16
