/* Copyright (c) 2026, the zego.cloud authors
   GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */
(function () {
  "use strict";

  function two(number) { return (number < 10 ? "0" : "") + number; }

  function day(time) { return time.getFullYear() + "-" + two(time.getMonth() + 1) + "-" + two(time.getDate()); }

  function zone(time) {
    var minutes = -time.getTimezoneOffset();
    var hours = Math.floor(Math.abs(minutes) / 60);
    var rest = Math.abs(minutes) % 60;
    return "UTC" + (minutes < 0 ? "\u2212" : "+") + hours + (rest ? ":" + two(rest) : "");
  }

  // Every time of the page is UTC as it was written: without this script, and where a browser cannot read one.
  function localize() {
    var last = null;
    Array.prototype.forEach.call(document.getElementsByTagName("time"), function (element) {
      var written = element.getAttribute("datetime");
      var time = new Date(written);
      if (!/(Z|[+-]\d\d:?\d\d)$/.test(written) || isNaN(time)) { return; }
      var form = element.dataset.form;
      var since = element.dataset.since && new Date(element.dataset.since);
      var clock = two(time.getHours()) + ":" + two(time.getMinutes()) + ":" + two(time.getSeconds());
      var bare = form === "clock" || (since && day(since) === day(time));
      element.textContent = (bare ? "" : day(time) + " ") + clock + (form === "zoned" ? " " + zone(time) : "");
      element.title = written;
      last = last || time;
    });
    var note = document.getElementById("zone");
    if (last) { note.textContent = note.dataset.text.replace("{zone}", zone(last)); }
  }

  function list() {
    var table = document.getElementById("table");
    if (!table) { return; }
    var body = table.tBodies[0];
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells, 0, 3);
    var rows = Array.prototype.slice.call(body.rows);
    var fold = document.getElementById("fold");
    var find = document.getElementById("find");
    var kind = document.getElementById("kind");
    var vendor = document.getElementById("vendor");
    var sort = document.getElementById("sort");
    var shown = document.getElementById("shown");
    var order = new Intl.Collator("en", { numeric: true });

    // A row that failed only points at what failed: whoever looks for that finds the row.
    var texts = rows.map(function (row) {
      var why = row.querySelector(".why");
      var cause = why && document.querySelector(why.getAttribute("href") + " .cause");
      return (row.textContent + " " + (cause ? cause.textContent : "")).toLowerCase();
    });

    function unfold() { if (fold) { fold.open = true; } }

    function filter() {
      var words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      var count = 0;
      rows.forEach(function (row, number) {
        var fits = (!kind.value || row.dataset.kind === kind.value) &&
          (!vendor.value || row.dataset.vendor === vendor.value) &&
          words.every(function (word) { return texts[number].indexOf(word) >= 0; });
        row.hidden = !fits;
        count += fits;
      });
      shown.textContent = shown.dataset.text.replace("{count}", count).replace("{total}", rows.length);
    }

    function arrange(column, direction) {
      var sorted = rows.slice();
      if (column !== null) {
        sorted.sort(function (one, other) {
          return direction * order.compare(one.cells[column].textContent.trim(), other.cells[column].textContent.trim());
        });
      }
      heads.forEach(function (head, number) {
        if (number === column) {
          head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        } else {
          head.removeAttribute("aria-sort");
        }
      });
      sort.value = column === null ? "" : String(column);
      sorted.forEach(function (row) { body.appendChild(row); });
    }

    heads.forEach(function (head, number) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var now = head.getAttribute("aria-sort");
        if (now === "descending") { arrange(null, 1); } else { arrange(number, now === "ascending" ? -1 : 1); }
      });
    });
    sort.addEventListener("change", function () {
      unfold();
      arrange(sort.value === "" ? null : Number(sort.value), 1);
    });
    [kind, vendor].forEach(function (field) {
      field.addEventListener("change", function () { unfold(); filter(); });
    });
    find.addEventListener("input", function () { unfold(); filter(); });
    window.addEventListener("beforeprint", unfold);
    document.querySelector(".filters").hidden = false;
    filter();
  }

  localize();
  list();
})();
