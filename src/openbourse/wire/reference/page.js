"use strict";
const search = document.getElementById("search");
const nothing = document.getElementById("nothing");
const articles = [...document.querySelectorAll("article")].map((element) => ({
  element,
  link: document.querySelector(`nav a[href="#${element.id}"]`).parentElement,
  text: element.textContent.toLowerCase(),
}));
const sections = [...document.querySelectorAll("nav section, main section.group")];

// Shows the endpoints that have every word of the search somewhere in their text.
function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { element, link, text } of articles) {
    const fits = words.every((word) => text.includes(word));
    element.hidden = link.hidden = !fits;
    found += fits;
  }
  for (const section of sections) {
    const rows = section.querySelectorAll("article, li");
    section.hidden = rows.length > 0 && [...rows].every((row) => row.hidden);
  }
  nothing.hidden = found > 0;
}

search.addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && document.activeElement === search) {
    search.value = "";
    filter();
  }
});

const root = document.documentElement;
root.dataset.theme = localStorage.getItem("theme") ?? "";
document.getElementById("theme").addEventListener("click", () => {
  const dark = getComputedStyle(root).colorScheme === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});
