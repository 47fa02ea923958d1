/** How text is emphasised; a terminal without colour gets {@link plain}. */
export interface Style {
  bold: (text: string) => string;
  dim: (text: string) => string;
  red: (text: string) => string;
  yellow: (text: string) => string;
  green: (text: string) => string;
  cyan: (text: string) => string;
}

const unchanged = (text: string): string => text;

/** No emphasis at all: files, pipes, tests. */
export const plain: Style = {
  bold: unchanged,
  dim: unchanged,
  red: unchanged,
  yellow: unchanged,
  green: unchanged,
  cyan: unchanged,
};
