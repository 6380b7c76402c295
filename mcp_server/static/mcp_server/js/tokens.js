/* What Wagtail's own controllers lack: presets, the indeterminate state, search, a live test. */
(() => {
  const { Controller } = window.StimulusModule;

  class Tools extends Controller {
    static targets = ['all', 'box', 'group', 'preset', 'query', 'reach', 'scope', 'shown', 'ticked', 'tool'];
    static values = { reach: String };

    connect() {
      this.user = this.element.closest('form')?.querySelector('select[name=user]');
      this.follow = () => this.reachOf(this.user.value);
      if (this.reachValue) this.user?.addEventListener('change', this.follow);
      this.search();
      // Once Wagtail's own controllers have set theirs.
      requestAnimationFrame(() => this.refresh());
    }

    disconnect() {
      this.user?.removeEventListener('change', this.follow);
    }

    fill({ currentTarget: { dataset } }) {
      const names = dataset.names.split(' ');
      this.boxTargets.forEach((box) => { box.checked = names.includes(box.value); });
      const scope = this.scopeTargets.find((radio) => radio.value === dataset.scope);
      scope.checked = true;
      scope.dispatchEvent(new Event('change', { bubbles: true }));
    }

    refresh() {
      const ticked = this.boxTargets.filter((box) => box.checked);
      this.tickedTarget.textContent = ticked.length;
      this.groupTargets.forEach((group) => {
        const boxes = this.boxTargets.filter((box) => group.contains(box));
        const count = boxes.filter((box) => box.checked).length;
        const all = group.querySelector('[data-w-bulk-target=all]');
        all.checked = count === boxes.length;
        all.indeterminate = count > 0 && count < boxes.length;
      });
      const scope = this.scopeTargets.find((radio) => radio.checked)?.value;
      const names = ticked.map((box) => box.value).sort().join(' ');
      this.presetTargets.forEach(({ dataset }, index) => {
        const same = scope === dataset.scope
          && (scope === 'every' || names === dataset.names.split(' ').sort().join(' '));
        this.presetTargets[index].setAttribute('aria-pressed', same);
      });
    }

    search() {
      const words = this.queryTarget.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.toolTargets.forEach((tool) => {
        const text = tool.textContent.toLowerCase();
        tool.hidden = !words.every((word) => text.includes(word) || text.includes(word.replaceAll(' ', '_')));
      });
      this.groupTargets.forEach((group) => {
        group.hidden = !this.toolTargets.some((tool) => group.contains(tool) && !tool.hidden);
      });
      // “All” would tick what the search hides.
      this.allTargets.forEach((all) => { all.hidden = words.length > 0; });
      this.shownTarget.textContent = this.toolTargets.filter((tool) => !tool.hidden).length;
    }

    async reachOf(user) {
      const response = await fetch(`${this.reachValue}?user=${encodeURIComponent(user)}`);
      const reasons = response.ok ? await response.json() : {};
      this.reachTargets.forEach((line) => {
        const reason = reasons[line.dataset.tool] || '';
        line.querySelector('[data-reason]').textContent = reason;
        line.hidden = !reason;
      });
    }
  }

  class Connection extends Controller {
    static targets = ['secret', 'result', 'words'];
    static values = { url: String };

    async test() {
      this.say('busy');
      try {
        const { tools } = await this.ask('tools/list');
        const known = tools.some((tool) => tool.name === 'get_user_info');
        const info = known && await this.ask('tools/call', { name: 'get_user_info', arguments: {} });
        const { user, username } = (info && info.structuredContent) || {};
        this.say(known ? 'works' : 'listed', { count: tools.length, user: user || username });
      } catch (error) {
        this.say(error instanceof TypeError ? 'unreachable' : 'refused', { reason: error.message });
      }
    }

    async ask(method, params = {}) {
      const version = '2026-07-28';
      const prefix = 'io.modelcontextprotocol/';
      const _meta = {
        [`${prefix}protocolVersion`]: version,
        [`${prefix}clientInfo`]: { name: 'Wagtail admin', version: '1' },
        [`${prefix}clientCapabilities`]: {},
      };
      const headers = {
        Authorization: `Bearer ${this.secretTarget.value}`,
        Accept: 'application/json, text/event-stream',
        'Content-Type': 'application/json',
        'MCP-Protocol-Version': version,
        'Mcp-Method': method,
        ...(params.name && { 'Mcp-Name': params.name }),
      };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } });
      const response = await fetch(this.urlValue, { method: 'POST', headers, body, credentials: 'omit' });
      const text = await response.text();
      const message = JSON.parse(text.startsWith('{') ? text : text.match(/^data: ?(\{.*)$/m)[1]);
      if (message.error) throw new Error(message.error.message);
      return message.result;
    }

    say(state, values = {}) {
      const { content } = this.wordsTargets.find(({ dataset }) => dataset.state === state);
      const shown = content.cloneNode(true);
      shown.querySelectorAll('[data-value]').forEach((place) => {
        place.textContent = values[place.dataset.value];
      });
      this.resultTarget.replaceChildren(shown);
    }
  }

  window.wagtail.app.register('mcp-tools', Tools);
  window.wagtail.app.register('mcp-connection', Connection);
})();
