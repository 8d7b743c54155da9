"""From this repository to what Lambda unpacks in /var/task; `sam build` asks for it."""
