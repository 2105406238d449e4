"use strict";

const form = document.getElementById("connect");
const outcome = document.getElementById("outcome");

function entered() {
  const credentials = {};
  for (const control of form.querySelectorAll("[name]")) {
    const value = control.value.trim();
    if (value) credentials[control.name] = value;
  }
  return credentials;
}

function tell(text, good) {
  outcome.textContent = text;
  outcome.className = good ? "good" : "bad";
}

function problem(answer) {
  const details = (answer.details || []).map((detail) => detail.message);
  return [answer.error, ...details].join(" ");
}

async function save() {
  const address = `/v1/integrations/${encodeURIComponent(form.dataset.integration)}/credentials`;
  const response = await fetch(address, {
    method: "POST",
    credentials: "omit",
    headers: {
      "Authorization": `Bearer ${document.getElementById("moorings-key").value.trim()}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({
      credentials: entered(),
      environment: document.getElementById("moorings-environment").value || null,
    }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(problem(answer));
  return answer.message;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  tell("Asking the provider …", true);
  try {
    const message = await save();
    form.reset();
    tell(`${message} You can close this page.`, true);
  } catch (error) {
    tell(error.message || "The server could not be reached; try again.", false);
  } finally {
    button.disabled = false;
  }
});
