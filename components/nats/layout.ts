/** Where things are in a server's pod: what nats.conf says and what the manifests mount must be the same. */

export const CONFIG_DIR = "/etc/nats";
/** Name of nats.conf in {@link CONFIG_DIR} and in the ConfigMap. */
export const CONFIG_FILE = "nats.conf";
/** Name of the file, beside it, that changes when only a restart makes an edit of nats.conf effective. */
export const RESTART_FILE = "restart-checksum";
/** Name of the file in the Secret. */
export const PASSWORDS_FILE = "passwords.conf";
/** Where nats.conf finds it, relative to itself. */
export const PASSWORDS_PATH = `auth/${PASSWORDS_FILE}`;
/** Where the certificates are; beside nats.conf, so that one watch sees all that a reload reads again. */
export const TLS_DIR = `${CONFIG_DIR}/tls`;
/** Where the volume is mounted. */
export const DATA_DIR = "/data";
export const PID_DIR = "/var/run/nats";
export const PID_FILE = `${PID_DIR}/nats.pid`;
/** Variable of the container's environment that holds the pod's name. */
export const POD_NAME = "POD_NAME";
/** Variable of the container's environment that holds the pod's address. */
export const POD_IP = "POD_IP";
/** How long a stopping server moves its clients away; nats-server refuses less. */
export const LAME_DUCK_SECONDS = 30;
