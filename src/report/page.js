// SPDX-License-Identifier: GPL-3.0-or-later
// Buttons in the heads of tall tables sort their rows; a second press turns the order round.
for (const table of document.querySelectorAll('table')) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 8 || !table.tHead.rows[0].cells[0].textContent) continue;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    let sign = 1;
    button.textContent = head.textContent + ' \u2195';
    button.title = 'sort';
    head.textContent = '';
    head.append(button);
    button.addEventListener('click', () => {
      const key = row => row.cells[column].textContent;
      const order = (a, b) => { const x = parseFloat(a), y = parseFloat(b);
        return isNaN(x) || isNaN(y) ? a.localeCompare(b) : x - y; };
      const rows = [...body.rows].sort((a, b) => sign * order(key(a), key(b)));
      body.append(...rows);
      sign = -sign;
    });
  });
}
