import { UserError } from "../errors";
import { formatProblems } from "./format";

/** One mistake in the configuration of a stack. */
export interface ConfigProblem {
  /** The setting as the user wrote it: `noetl:workerPools[1].name`; the file when it is meant as a whole. */
  path: string;
  /** Line in the file, from 1. Absent when there is no file. */
  line?: number;
  /** Column in the line, from 1. */
  column?: number;
  /** What is wrong, with the value as written, shortened. Never holds a secret. */
  message: string;
  /** What may be written instead. */
  allowed?: string;
  /** What was probably meant. */
  suggestion?: string;
  /** What to do or to run next. */
  next?: string;
}

/** The configuration of a stack cannot be used. Holds every problem at once, in the order of the file. */
export class ConfigError extends UserError {
  constructor(
    /** The file as the user named it, or the stack. */
    readonly source: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(formatProblems({ source, problems }));
  }
}
