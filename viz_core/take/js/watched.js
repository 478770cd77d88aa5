// Remembers what is mounted on the page, so that it can be taken along.

/** Mounted components by the element that Streamlit gave them. One for all bundles of a page. */
export function mounts() {
  return (globalThis.saccadeMounts ??= new Map());
}

/**
 * A component's entry point that is seen by `mounts`. `about` is {name, source, tables, style}.
 * What an entry point returns may carry two functions: `now` gives the data of the view as it is
 * now, where that is more than what came from the server, and `state` what the server would be
 * told of it.
 */
export function watched(run, about) {
  return (given) => {
    const end = run(given);
    mounts().set(given.parentElement, { ...about, data: given.data, now: end?.now, state: end?.state });
    return () => {
      mounts().delete(given.parentElement);
      end?.();
    };
  };
}
