// Step “Kernels” of the ConvNeXt page: kernels as a wall, and the convolution under the pointer.

import { mounted } from "../../cutter/js/wire.js";
import { startBoard } from "./board.js";

export const streamlit = (tables) => mounted((host) => startBoard(host, tables));
