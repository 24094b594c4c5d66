import { testHome } from "ml-data-layer/testing";
import { expect, test } from "vitest";
import HabitNews from "../../examples/apps/habit-news.ts";

test("changes of a day are told together the next morning, and once", async () => {
  const home = await testHome(HabitNews, { args: { notify: "notify.phone" }, at: "2026-01-10T12:00:00+01:00" });
  await home.report({ stream: "area:Hallway:activity", words: "The hallway is used 40 % more." });
  await home.advance({ hours: 3 });
  await home.report({ stream: "home:activity", words: "There is less going on." });
  await home.report({ stream: "home:activity", words: "Not sure.", probability: 0.9 });
  await home.advanceTo("2026-01-11T08:29:59+01:00");
  expect(home.takeCalls()).toEqual([]);
  await home.advance({ seconds: 1 });
  expect(home.takeCalls()).toEqual([
    {
      service: "notify.phone",
      data: { title: "Something changed at home", message: "The hallway is used 40 % more.\nThere is less going on." },
    },
  ]);
  await home.advance({ days: 3 });
  expect(home.takeCalls()).toEqual([]);
});

test("on the day the clocks change it is told at the same time of the wall clock", async () => {
  const home = await testHome(HabitNews, { at: "2026-03-28T20:00:00+01:00" });
  await home.report({ stream: "home:activity", words: "Changed." });
  await home.advanceTo("2026-03-29T08:29:59+02:00");
  expect(home.takeCalls()).toEqual([]);
  await home.advance({ seconds: 1 });
  expect(home.takeCalls()).toHaveLength(1);
});
