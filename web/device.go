package web

import (
	"strings"

	"planpost/templates"
)

// What a browser says of itself, the more special first: Edge and Opera also
// say Chrome, Chrome also says Safari. A claim, good enough to recognise one's own.
var (
	browsers = [][2]string{{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}}
	systems = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// device is what a person may recognise a session by.
func device(locale, userAgent string) string {
	browser, system := named(browsers, userAgent), named(systems, userAgent)
	switch {
	case browser != "" && system != "":
		return templates.T(locale, "device.on", "browser", browser, "system", system)
	case browser != "" || system != "":
		return browser + system
	}
	return templates.T(locale, "device.unknown")
}

func named(list [][2]string, userAgent string) string {
	for _, pair := range list {
		if strings.Contains(userAgent, pair[0]) {
			return pair[1]
		}
	}
	return ""
}
