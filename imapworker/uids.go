package imapworker

import (
	"errors"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// mostUIDs bounds the messages of one folder. A server may name any range, and each number in it would take room here.
const mostUIDs = 5 << 20

var errTooMany = errors.New("the server names more messages than a folder can have")

// numbers are the UIDs of a set that a server gave, sorted.
func numbers(set imap.NumSet) ([]uint32, error) {
	ranges, _ := set.(imap.UIDSet)
	n := 0
	for _, r := range ranges {
		if r.Start == 0 || r.Stop < r.Start {
			return nil, errTooMany
		}
		if n += int(r.Stop-r.Start) + 1; n > mostUIDs {
			return nil, errTooMany
		}
	}
	list := make([]uint32, 0, n)
	for _, r := range ranges {
		for uid := r.Start; ; uid++ {
			list = append(list, uint32(uid))
			if uid == r.Stop {
				break
			}
		}
	}
	return list, nil
}

// setOf is a list of UIDs, sorted, as ranges.
func setOf(uids []uint32) (set imap.UIDSet) {
	for _, uid := range uids {
		if n := len(set); n > 0 && uint32(set[n-1].Stop)+1 == uid {
			set[n-1].Stop = imap.UID(uid)
			continue
		}
		set = append(set, imap.UIDRange{Start: imap.UID(uid), Stop: imap.UID(uid)})
	}
	return set
}

// parseSet reads what setOf wrote (RFC 9051, sequence-set); what is no set is empty.
func parseSet(text string) (uids []uint32) {
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(part, ":")
		first, err := strconv.ParseUint(from, 10, 32)
		if err != nil || first == 0 {
			continue
		}
		last := first
		if ranged {
			if last, err = strconv.ParseUint(to, 10, 32); err != nil {
				continue
			}
		}
		for uid := first; uid <= last && len(uids) < mostUIDs; uid++ {
			uids = append(uids, uint32(uid))
		}
	}
	return uids
}
