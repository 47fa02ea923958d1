/**
 * The leaf types of the stack file. Each carries the sentence an error shows as "allowed", so that a message always says
 * what to write instead.
 */
export { port, cidr, host, certificateName, httpUrl, origin } from "./addresses";
export { bytes, cpu, clusterSize, whole, resources } from "./amounts";
export { gcpProject, machineType, sqlTier, firestoreDatabase, firestoreLocation } from "./google";
export { objectName, shortName, image, envName, secretName, secretKey, label, filePath } from "./kubernetes";
export { promql, labelName } from "./monitoring";
export { natsName, natsUser, natsSubject, natsToken, catalogPath } from "./nats";
export { PLACEHOLDER, secret, pem } from "./secrets";
export { sqlFlag, sqlName } from "./sql";
export { line, reason, ruleName } from "./text";
export { duration, timeOfDay, cronSchedule, date, instant } from "./times";
