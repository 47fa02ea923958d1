import { jest } from "@jest/globals";

/*
 * Elections, rollouts and killed processes run against the clock of a machine that others use too. A test gets a second
 * attempt at once; the error of the first is printed in full, so that it stays seen.
 */
jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });
