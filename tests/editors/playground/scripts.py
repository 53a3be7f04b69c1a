"""What runs in the page for the tests: it looks, and does what only a page can."""

WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""
LOOK = """() => {
  const root = document.querySelector('#editor').shadowRoot;
  const all = (selector) => [...root.querySelectorAll(selector)];
  const bare = (line) => {
    const copy = line.cloneNode(true);
    copy.querySelectorAll('.ghost').forEach((each) => each.remove());
    return copy.textContent;
  };
  return {
    ghost: all('.ghost').map((each) => each.textContent).join('\\n'),
    text: all('.cm-line').map(bare).join('\\n'),
    status: document.querySelector('[role=status]').innerText.trim(),
    facts: Object.fromEntries([...document.querySelectorAll('#facts div')]
      .map((row) => [row.children[0].textContent, row.children[1].textContent])),
    prompt: document.querySelector('#prompt').textContent,
    steps: [...document.querySelectorAll('#steps tr')].map((row) => row.cells[0].textContent),
    answers: [...document.querySelectorAll('#answers li')].map((each) => each.innerText),
    focus: document.activeElement.id || document.activeElement.localName,
  };
}"""
WRITE = """([text, back]) => {
  const content = document.querySelector('#editor').shadowRoot.querySelector('.cm-content');
  const press = (key, more = {}) => content.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  press('a', { ctrlKey: true });
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  content.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  // Moving the caret before a timer runs keeps the page from asking.
  for (let i = 0; i <= back; i++) press('ArrowLeft');
  press('ArrowRight');
}"""
GHOSTS = """() => {
  const root = document.querySelector('#editor').shadowRoot;
  const ghost = () => [...root.querySelectorAll('.ghost')].map((e) => e.textContent).join('\\n');
  window.ghosts = [ghost()];
  const look = () => {
    const now = ghost();
    if (now !== window.ghosts.at(-1)) window.ghosts.push(now);
    requestAnimationFrame(look);
  };
  look();
}"""
"""Takes down what stands there in each frame that is drawn."""
