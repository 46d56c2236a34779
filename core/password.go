package core

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// PasswordCost is how much work a password's hash is (argon2id, RFC 9106).
type PasswordCost struct {
	// Passes over Memory, which is in KiB.
	Passes, Memory uint32
}

// The parameters that OWASP asks for: 19 MiB, two passes, one lane.
const (
	argonTime   = 2
	argonMemory = 19 << 10
	argonLanes  = 1
	argonKey    = 32
)

// argonSlots bounds how many hashes are computed at once: each takes 19 MiB.
var argonSlots = make(chan struct{}, 2)

// HashPassword makes an argon2id hash in PHC form at full cost, or says what is wrong with the password.
func HashPassword(password string, contextWords ...string) (string, error) {
	return PasswordCost{argonTime, argonMemory}.hash(password, contextWords...)
}

func (cost PasswordCost) hash(password string, contextWords ...string) (string, error) {
	if err := checkPassword(password, contextWords); err != nil {
		return "", err
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.Memory, cost.Passes, argonLanes,
		e.EncodeToString(salt), e.EncodeToString(argonKeyOf(password, salt, cost.Passes, cost.Memory, argonLanes, argonKey))), nil
}

func argonKeyOf(password string, salt []byte, time, memory uint32, lanes uint8, size uint32) []byte {
	argonSlots <- struct{}{}
	defer func() { <-argonSlots }()
	return argon2.IDKey([]byte(password), salt, time, memory, lanes, size)
}

// fits compares in constant time. A missing hash costs as much as a wrong
// password, so that time does not tell which logins exist.
func (cost PasswordCost) fits(phc, password string) bool {
	var version int
	var memory, time uint32
	var lanes uint8
	parts := strings.Split(phc, "$")
	salt, key := make([]byte, 16), make([]byte, argonKey)
	known := len(parts) == 6 && parts[1] == "argon2id"
	if known {
		_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
		_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &lanes)
		s, err3 := base64.RawStdEncoding.DecodeString(parts[4])
		k, err4 := base64.RawStdEncoding.DecodeString(parts[5])
		known = err1 == nil && err2 == nil && err3 == nil && err4 == nil && version == argon2.Version && len(k) > 0
		salt, key = s, k
	}
	if !known {
		memory, time, lanes, salt, key = cost.Memory, cost.Passes, argonLanes, make([]byte, 16), make([]byte, argonKey)
	}
	if len(password) > maxPassword {
		password = password[:maxPassword]
	}
	got := argonKeyOf(password, salt, time, memory, lanes, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1 && known
}
