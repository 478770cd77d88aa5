// Thumbnails of the samples; a pasted picture goes to Streamlit's own uploader.
const listeners = new WeakMap();

function handToUploader(event) {
  const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith('image/'));
  const input = document.querySelector('.st-key-upload input[type="file"]');
  if (!file || !input) return;
  event.preventDefault();
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

export default function ({ data: bytes, parentElement, setTriggerValue }) {
  const data = JSON.parse(new TextDecoder().decode(bytes));
  const grid = parentElement.querySelector('.grid');
  const { names } = data;
  const last = Math.max(1, names.length - 1);
  grid.replaceChildren(...names.map((name, i) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.title = name;
    button.setAttribute('aria-label', `Sample: ${name}`);
    button.setAttribute('aria-pressed', String(name === data.current));
    button.style.backgroundImage = `url(data:image/jpeg;base64,${data.strip})`;
    button.style.backgroundPosition = `${(100 * i) / last}% 0`;
    button.onclick = () => setTriggerValue('picked', name);
    return button;
  }));
  if (!listeners.has(parentElement)) {
    document.addEventListener('paste', handToUploader);
    listeners.set(parentElement, handToUploader);
  }
  return () => {
    document.removeEventListener('paste', handToUploader);
    listeners.delete(parentElement);
  };
}
