package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"planpost/core"
	"planpost/core/access"
	"planpost/picture"
)

// accountSettings shows and changes what an account decides for itself.
type accountSettings struct {
	inAccount
	Set  []string `sep:"none" placeholder:"NAME=VALUE" help:"Change a setting; several may be given, and are changed all or none."`
	Logo string   `type:"existingfile" placeholder:"FILE" help:"A picture (PNG, JPEG, GIF) to be the logo; --set logo= takes it away."`
}

// Run changes what is given, then shows what the asker may see.
func (c *accountSettings) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if len(c.Set) > 0 {
			values, err := settingsGiven(c.Set)
			if err == nil {
				err = g.core.SetSettings(ctx, a, values)
			}
			if err != nil {
				return err
			}
		}
		if c.Logo != "" {
			small, err := drawnLogo(c.Logo)
			if err == nil {
				err = g.core.SetLogo(ctx, a, small)
			}
			if err != nil {
				return err
			}
		}
		for _, right := range settingRights() {
			list, err := g.core.Settings(ctx, a, right)
			if denied := core.KindOf(err) == core.Forbidden || core.KindOf(err) == core.NotFound; denied && (len(c.Set) > 0 || c.Logo != "" || right != "account.settings.view") {
				continue
			}
			if err != nil {
				return err
			}
			for i := range list {
				if err := showSetting(g, term, c.JSON, &list[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// drawnLogo reads a picture and makes it small.
func drawnLogo(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	small, err := picture.Logo(b, core.LogoSide, core.LogoMost)
	if errors.Is(err, picture.ErrTooLarge) {
		return nil, core.Fail(core.TooLarge, "setting.logo.large")
	}
	if err != nil {
		return nil, &core.Error{Kind: core.Invalid, Code: "setting.logo", Err: err}
	}
	return small, nil
}

// settingRights are the rights to see settings, each once.
func settingRights() (list []access.Action) {
	for _, e := range core.AllSettings() {
		if !slices.Contains(list, e.View) {
			list = append(list, e.View)
		}
	}
	return list
}

func settingsGiven(pairs []string) (map[string]string, error) {
	values := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("--set %s: write NAME=VALUE", pair)
		}
		values[name] = value
	}
	return values, nil
}

func showSetting(g *gateway, term *terminal, asJSON bool, s *core.SettingValue) error {
	shown := s.Value
	if s.Kind == core.PersonSetting && s.Value != "" {
		shown = s.Person.Address().Mailbox()
	}
	return g.show(term, asJSON, map[string]any{"name": s.Name, "kind": s.Kind, "value": s.Value, "default": s.Default, "action": s.Action, "may_change": s.May},
		fmt.Sprintf("%-12s %s", s.Name, shown))
}
