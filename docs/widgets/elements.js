// What the widgets' pages are made of.

// element('button', { class: 'wide', onclick: f }, 'text', child, …)
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value)
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value)
  }
  made.append(...children)
  return made
}

// A slider with its name and its value beside it. `show` makes the text of a value.
export function slider(name, { min, max, step = 1, value, show = String }, onChange) {
  const shown = element('output', {}, show(value))
  const input = element('input', { type: 'range', min, max, step, value, 'aria-label': name, 'aria-valuetext': show(value) })
  const update = () => {
    shown.textContent = show(Number(input.value))
    input.setAttribute('aria-valuetext', shown.textContent)
  }
  input.addEventListener('input', () => {
    update()
    onChange(Number(input.value))
  })
  const set = (number) => {
    input.value = number
    update()
  }
  return { row: element('label', { class: 'w-slider' }, element('span', {}, name), input, shown), input, set }
}

// Numbers from −1 to 1 as colors that show on any background: red above zero, blue below, nothing for zero.
export function color(number) {
  const strength = Math.min(1, Math.abs(number))
  return number < 0 ? `rgba(37, 99, 235, ${strength})` : `rgba(220, 38, 38, ${strength})`
}

// Draws rows of numbers, each a small rectangle; `values(i, j)` is the color of one.
export function drawGrid(canvas, rows, columns, colorOf) {
  const context = canvas.getContext('2d')
  context.clearRect(0, 0, canvas.width, canvas.height)
  const width = canvas.width / columns, height = canvas.height / rows
  for (let i = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j) {
      context.fillStyle = colorOf(i, j)
      context.fillRect(j * width, i * height, width, height)
    }
  }
}

export const percent = (probability) => `${(100 * probability).toFixed(1)}%`
