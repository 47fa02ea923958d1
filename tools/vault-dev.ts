/**
 * Main file of a HashiCorp Vault for tests: the published core, its HTTP API over TLS and the KV engine, in memory, unsealed.
 * The published `vault` brings a thousand packages more, of engines and plugins that no test here needs.
 *
 * `vault-dev ADDRESS CERTIFICATE KEY` prints its root token on a line, and listens.
 */
export const VAULT_DEV = `package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	hclog "github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

// The only engine there is.
type registry struct{}

func (registry) Contains(name string, kind consts.PluginType) bool {
	return name == "kv" && kind == consts.PluginTypeSecrets
}

func (r registry) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	return func() (interface{}, error) { return logical.Factory(kv.Factory), nil }, r.Contains(name, kind)
}

func (registry) Keys(kind consts.PluginType) []string {
	if kind == consts.PluginTypeSecrets {
		return []string{"kv"}
	}
	return nil
}

func (r registry) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, r.Contains(name, kind)
}

func (registry) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if len(os.Args) != 4 {
		fmt.Println("usage: vault-dev ADDRESS CERTIFICATE KEY")
		return
	}
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr})
	core := must(vault.NewCore(&vault.CoreConfig{
		Physical:        must(inmem.NewInmem(nil, logger)),
		LogicalBackends: map[string]logical.Factory{"kv": kv.Factory},
		BuiltinRegistry: registry{},
		DisableMlock:    true,
		Logger:          logger,
	}))
	one := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1}
	made := must(core.Initialize(context.Background(), &vault.InitParams{BarrierConfig: one, RecoveryConfig: one}))
	must(core.Unseal(made.SecretShares[0]))
	listener := must(net.Listen("tcp", os.Args[1]))
	fmt.Println(made.RootToken)
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: core, ListenerConfig: &configutil.Listener{}})
	log.Fatal(http.ServeTLS(listener, handler, os.Args[2], os.Args[3]))
}
`;
