"use strict";
// Preloaded into a measured process: tells at its end what it used.
const { writeFileSync } = require("node:fs");

const file = process.env.BENCH_REPORT;
delete process.env.BENCH_REPORT;
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(file, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e3, memory: (maxRSS * 1024) / 1e6 }));
});
