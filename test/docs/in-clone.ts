import { jest } from "@jest/globals";

// Import this first: the commands of a page are about the reader's clone, which is the current folder.
jest.mock("../../preview/project-folder", () => ({ projectFolder: () => process.cwd() }));
