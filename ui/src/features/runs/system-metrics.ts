const PREFIX = "system/";

/** Whether a metric is of the machine, as the client records it beside what is logged. */
export const isSystem = (key: string): boolean => key.startsWith(PREFIX);
