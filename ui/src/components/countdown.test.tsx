import { act, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ring, useSecondsLeft } from "./countdown";

function Left({ end }: { end: number | undefined }) {
  const seconds = useSecondsLeft(end);
  return <p>{seconds === null ? "no end" : <Ring seconds={seconds} whole={10_000} />}</p>;
}

describe("a countdown", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("counts whole seconds by the window's own clock, whatever the wall clock does", () => {
    const { container } = render(<Left end={performance.now() + 9_400} />);
    expect(container.textContent).toBe("10");
    act(() => vi.advanceTimersByTime(400));
    expect(container.textContent).toBe("9");
    vi.setSystemTime(new Date("1970-01-01T00:00:00Z"));
    act(() => vi.advanceTimersByTime(1_000));
    expect(container.textContent).toBe("8");
    act(() => vi.advanceTimersByTime(20_000));
    expect(container.textContent).toBe("0");
  });

  it("empties its ring and is nothing to a screen reader", () => {
    const { container } = render(<Left end={performance.now() + 10_000} />);
    const left = () => Number(container.querySelector(".hold-left")?.getAttribute("stroke-dashoffset"));
    const first = left();
    act(() => vi.advanceTimersByTime(5_000));
    expect(left()).toBeGreaterThan(first);
    expect(container.querySelector(".hold-ring")?.getAttribute("aria-hidden")).toBe("true");
  });

  it("has no number without an end", () => {
    const { container } = render(<Left end={undefined} />);
    expect(container.textContent).toBe("no end");
  });
});
