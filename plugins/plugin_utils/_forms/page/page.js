/* Copyright (c) 2026, the zego.cloud authors
   GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */
(function () {
  "use strict";
  var table = document.getElementById("table");
  if (!table) { return; }
  var body = table.tBodies[0];
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells, 0, 3);
  var rows = Array.prototype.slice.call(body.rows);
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  var find = document.getElementById("find");
  var kind = document.getElementById("kind");
  var vendor = document.getElementById("vendor");
  var sort = document.getElementById("sort");
  var shown = document.getElementById("shown");
  var order = new Intl.Collator("en", { numeric: true });

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
    shown.textContent = count + " of " + rows.length + " streams shown";
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
  sort.addEventListener("change", function () { arrange(sort.value === "" ? null : Number(sort.value), 1); });
  [kind, vendor].forEach(function (field) { field.addEventListener("change", filter); });
  find.addEventListener("input", filter);
  document.querySelector(".filters").hidden = false;
  filter();
})();
