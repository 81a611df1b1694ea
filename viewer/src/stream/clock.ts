/** The clocks of a scene are part of its space; those who stream know them by this name. */

export { nearestFrame, sensorFrame } from "../space/clock";
