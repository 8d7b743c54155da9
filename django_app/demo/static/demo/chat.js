// The whole client: a socket that comes back when it is lost, and a list of messages.

const PING_INTERVAL = 8 * 60_000; // the gateway closes what is silent for ten minutes
const FIRST_PAUSE = 500; // milliseconds before the first attempt to come back
const LONGEST_PAUSE = 30_000;
const MAX_BYTES = 32 * 1024; // of one frame: the gateway closes the socket on more
const MAX_MESSAGES = 500; // kept on the page
const ECHO_WITHIN = 10_000; // milliseconds: the start of a function is part of them

const byId = (id) => document.getElementById(id);
const state = byId("state");
const list = byId("messages");
const input = byId("message");
const nickname = byId("nickname");

const settings = JSON.parse(byId("websocket").textContent);
const wish = new URLSearchParams(location.search).get("channel") ?? "";
const channel = /^[A-Za-z0-9_-]{1,128}$/.test(wish) ? wish : settings.channel;
const address = `${settings.socketUrl}?channel=${channel}`;

const pending = new Map(); // own messages that have not come back yet, by id
let socket;
let attempts = 0;
let retry;
let stopped = false;

byId("channel").textContent = channel;
document.title = `#${channel}`;
nickname.value = localStorage.getItem("nickname") ?? "";
nickname.addEventListener("change", () => {
  localStorage.setItem("nickname", nickname.value.trim());
});
byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  say(input.value);
});
addEventListener("online", comeBackNow);
setInterval(() => send({ handler: "ping" }), PING_INTERVAL);
connect();

function connect() {
  clearTimeout(retry);
  socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    attempts = 0;
    show("live");
  });
  socket.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    if (stopped) return show("closed");
    show("reconnecting");
    retry = setTimeout(connect, pause());
  });
}

// Random, so that the visitors of a site do not all come back in the same moment.
function pause() {
  const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempts++);
  return longest * (0.5 + Math.random() / 2);
}

function comeBackNow() {
  if (!stopped && socket.readyState === WebSocket.CLOSED) connect();
}

function show(name) {
  state.dataset.state = name;
  state.textContent = name;
}

function say(text) {
  if (!text.trim()) return;
  const id = Math.random().toString(36).slice(2);
  const message = { handler: "chat_message", id, message: text, nickname: nickname.value.trim() };
  if (new TextEncoder().encode(JSON.stringify(message)).length > MAX_BYTES) {
    return notice("This message is too long to be sent.");
  }
  if (!send(message)) {
    return notice("Not connected. Your text stays here: send it again when the page is live.");
  }
  const timer = setTimeout(() => giveBack(id, "Not delivered: nothing came back."), ECHO_WITHIN);
  pending.set(id, { text, timer });
  input.value = "";
  notice("");
}

// The message was not delivered: the text goes back to where it was written.
function giveBack(id, reason) {
  notice(reason);
  const { text } = settle(id) ?? {};
  if (text && !input.value) input.value = text;
}

function settle(id) {
  const message = pending.get(id);
  clearTimeout(message?.timer);
  pending.delete(id);
  return message;
}

function send(message) {
  if (socket.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

function receive(frame) {
  if (frame.type === "chat_message") return append(frame);
  if (frame.type === "error") return giveBack(frame.id, frame.message);
  if (frame.type === "reply" && frame.data.error) return giveBack(frame.id, frame.data.error);
  // The gateway's own frames have no type and no id: a message did not get to Django.
  if (!frame.type && frame.connectionId) return giveBack([...pending.keys()][0], frame.message);
  if (frame.type === "goodbye") stopped = !frame.reconnect;
}

function append({ id, message, nickname, sender }) {
  const atTheEnd = isScrolledToTheEnd();
  const item = document.createElement("li");
  item.classList.toggle("own", settle(id) !== undefined);
  item.style.setProperty("--hue", Number.parseInt(sender, 16) % 360);
  item.append(who(nickname || sender), text(message));
  list.append(item);
  if (list.children.length > MAX_MESSAGES) list.firstElementChild.remove();
  if (atTheEnd) list.parentElement.scrollTop = list.parentElement.scrollHeight;
}

function who(name) {
  const element = document.createElement("span");
  const time = document.createElement("time");
  const now = new Date();
  element.className = "who";
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  element.append(text(name), time);
  return element;
}

// What people write is text: it never becomes markup.
function text(content) {
  const element = document.createElement("span");
  element.textContent = content;
  return element;
}

function isScrolledToTheEnd() {
  const { scrollHeight, scrollTop, clientHeight } = list.parentElement;
  return scrollHeight - scrollTop - clientHeight < 40;
}

function notice(content) {
  byId("notice").textContent = content;
}
