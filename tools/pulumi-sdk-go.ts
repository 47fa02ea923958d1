/**
 * Main file of a program that writes the Go SDK of a component package, by the code that a published language host runs
 * for `pulumi package add`: no published host is among the Go modules, and the one that can be built writes no SDK.
 */
export const PULUMI_SDK_GO = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

var version = "unknown"

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println(version)
		return
	}
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: pulumi-sdk-go SCHEMA FOLDER"))
	}
	text, err := os.ReadFile(os.Args[1])
	fail(err)
	var spec schema.PackageSpec
	fail(json.Unmarshal(text, &spec))
	pkg, problems, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	fail(err)
	if problems.HasErrors() {
		fail(problems)
	}
	// As of every package that is added to a program: with a go.mod of its own.
	pkg.SupportPack = true
	files, err := golang.GeneratePackage("pulumi-sdk-go", pkg, nil)
	fail(err)
	for name, content := range files {
		path := filepath.Join(os.Args[2], filepath.FromSlash(name))
		fail(os.MkdirAll(filepath.Dir(path), 0o755))
		fail(os.WriteFile(path, content, 0o644))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`;
