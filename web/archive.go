package web

import (
	"archive/zip"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"planpost/core"
)

// archiveSender gives what sends an order as one archive, file by file, none of
// it kept: plans are compressed already, so they are stored as they are, and the
// archive's length is known before its first byte.
func (s *Site) archiveSender(out *counted, v *visit, o *core.Order) func() (bool, error) {
	names := archiveNames(o.Files)
	size := archiveSize(o.Files, names)
	return func() (bool, error) {
		sandboxed(out, "application/zip", disposition("attachment", archiveName(o.Name)))
		out.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		out.Header().Set("Accept-Ranges", "none")
		if v.Method == http.MethodHead {
			out.WriteHeader(http.StatusOK)
			return false, nil
		}
		z := zip.NewWriter(out)
		buffer := make([]byte, 64<<10)
		for i := range o.Files {
			if err := s.intoArchive(v, z, &o.Files[i], names[i], buffer); err != nil {
				return false, err
			}
		}
		err := z.Close()
		return err == nil && out.sent == size, err
	}
}

func (s *Site) intoArchive(v *visit, z *zip.Writer, f *core.OrderedFile, name string, buffer []byte) error {
	content, err := s.core.OpenOrdered(v.Context(), f)
	if err != nil {
		return err
	}
	defer content.Close()
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: f.Version.CreatedAt})
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(w, struct{ io.Reader }{content}, buffer)
	return err
}

// archiveSize is how long the archive becomes. It says what archive/zip writes
// for stored entries: APPNOTE.TXT 4.3, with the time as an extra field, the sizes
// behind the content, and the fields of 64 bits where 32 do not hold.
func archiveSize(files []core.OrderedFile, names []string) int64 {
	const local, timeExtra, descriptor, descriptor64, central, extra64, end, end64 = 30, 9, 16, 24, 46, 28, 22, 56 + 20
	const most = 1<<32 - 1
	var at, directory int64
	for i := range files {
		start, size := at, files[i].Size
		at += local + timeExtra + int64(len(names[i])) + size
		directory += central + timeExtra + int64(len(names[i]))
		if size >= most {
			at += descriptor64
		} else {
			at += descriptor
		}
		if size >= most || start >= most {
			directory += extra64
		}
	}
	tail := int64(end)
	if len(files) >= 1<<16-1 || directory >= most || at >= most {
		tail += end64
	}
	return at + directory + tail
}

// archiveNames are the names of the files in the archive: number and index
// before the file's own name where that does not say them, none twice, also
// where letters' case does not count, and none that a computer could not write.
func archiveNames(files []core.OrderedFile) []string {
	names, taken := make([]string, len(files)), map[string]bool{}
	for i := range files {
		f := &files[i]
		name := f.Name
		if begin := f.Plan.Number + "_" + f.Version.Index; f.Plan.Number != "" && !strings.HasPrefix(strings.ToLower(name), strings.ToLower(begin)) {
			name = begin + "_" + name
		}
		name = entryName(name)
		ext := path.Ext(name)
		for n, base := 2, strings.TrimSuffix(name, ext); taken[strings.ToLower(name)]; n++ {
			name = base + " (" + strconv.Itoa(n) + ")" + ext
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

// longestEntry is how many bytes an entry's name has at most; file systems take 255.
const longestEntry = 200

// devices are names that Windows keeps for itself, with any ending.
var devices = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// entryName makes of a name one that leads out of no folder and shows what it is on every system.
func entryName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|`, r), r == unicode.ReplacementChar, unicode.IsControl(r):
			return '_'
		case unicode.Is(unicode.Cf, r): // marks that turn the direction of what follows
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimLeft(strings.TrimRight(name, ". "), " ")
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	if base := strings.TrimSuffix(name, ext); len(name) > longestEntry {
		name = strings.ToValidUTF8(base[:longestEntry-len(ext)], "") + ext
	}
	if first, _, _ := strings.Cut(strings.ToLower(name), "."); slices.Contains(devices, strings.TrimSpace(first)) || first == "" {
		name = "_" + name
	}
	return name
}

// archiveName is what the archive is called after.
func archiveName(of string) string { return entryName(of) + ".zip" }
