export { graphData } from "./data";
export { graphPage } from "./page";
export { affectedPicture, graphPicture } from "./picture";
