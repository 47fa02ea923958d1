import { program } from "./stacks/program";

const outputs = program();
export = outputs;
