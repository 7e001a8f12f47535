// Messages in, messages out. Work is done in slices, so that a message is heard while a text is written; where a page
// may not have workers, the same `Desk` works on the page's own thread.
//
//   in   begin {prompt, settings}   go {settings, step}   choose {place, character, settings}   undo   stop
//        look {instant, settings}   settings: length, temperature, topP, seed (a string of digits), stops
//   out  text {from, characters, bits}   done {why, seed, count, seconds, undoable}   looked {see Writer.look}
//        failed {message}

const SLICE = 30;  // milliseconds of work between two looks at the messages
const UNDO = 20;  // texts that can be brought back

class Desk {
    constructor(network, vocabulary, post) {
        this.writer = new Writer(network, vocabulary);
        this.post = post;
        this.run = null;  // the latest writing: settings, position, read (see `write`), certain, ended
        this.task = null;  // the writing that is going on
        this.told = 0;  // characters that were posted
        this.past = [];
    }

    handle(message) {
        try {
            this[message.type](message);
        } catch (error) {
            this.post({ type: "failed", message: String(error) });
        }
    }

    begin({ prompt, settings }) {
        this.remember();
        this.writer.restart();
        this.told = 0;
        this.write(settings, 0, clean(prompt));
    }

    // Continue: as if the text had never stopped, if nothing but its length has changed; else with the next seed.
    go({ settings, step }) {
        if (step) this.stop();
        else this.remember();
        const { run } = this, alike = ["temperature", "topP"].every((name) => run.settings[name] === settings[name]);
        if (alike && run.ended !== "stop") this.write({ ...settings, seed: run.settings.seed }, run.position);
        else this.write(this.reseeded(settings), 0, "");
    }

    // Put a character at a place, "" for whatever is drawn, and continue after it.
    choose({ place, character, settings }) {
        this.remember();
        this.writer.text.cut(place);
        this.told = place;
        this.write(this.reseeded(settings), 0, character);
    }

    undo() {
        this.stop();
        if (this.past.length === 0) return;
        Object.assign(this.writer, { text: this.past[this.past.length - 1].text });
        this.run = this.past.pop().run;
        this.told = 0;
        this.tell();
        this.finish("undone");
    }

    stop() {
        if (!this.task) return;
        this.task.return();  // which takes back what is not certain
        this.tell();
        this.finish("stopped");
    }

    look({ instant, settings }) {
        const last = this.writer.text.characters.length;  // the page may not know yet that the text was cut
        this.post({ type: "looked", ...this.writer.look(Math.min(instant, last), settings) });
    }

    reseeded(settings) {
        if (!this.run) return settings;
        return { ...settings, seed: String((BigInt(this.run.settings.seed) + 1n) % 2n ** 63n) };
    }

    remember() {
        this.stop();
        if (this.run) this.past = [...this.past.slice(1 - UNDO), { text: this.writer.text.copy(), run: this.run }];
    }

    // position: how many tokens the seed has drawn; read: what is put at the text's end first, null for nothing.
    write(settings, position, read = null) {
        this.run = { settings, position, read, begun: null, certain: null, ended: "" };
        this.began = performance.now();
        this.task = this.work(this.run);
        this.pump(this.task);
    }

    *work(run) {
        if (run.read !== null) {
            yield* this.writer.read(run.read);
            this.writer.text.drawn = 0;
        }
        yield* this.writer.draw(run);
    }

    pump(task) {
        if (task !== this.task) return;
        const until = performance.now() + SLICE;
        let done = false;
        while (!done && performance.now() < until) done = task.next().done;
        this.tell();
        if (done) this.finish(this.run.ended);
        else setTimeout(() => this.pump(task), 0);
    }

    finish(why) {
        this.task = null;
        const { run } = this, seconds = (performance.now() - this.began) / 1000;
        const count = run.begun === null ? 0 : run.certain - run.begun;
        this.post({ type: "done", why, seed: run.settings.seed, count, seconds, undoable: this.past.length > 0 });
    }

    // Post what is new and certain.
    tell() {
        const { characters, bits } = this.writer.text, from = this.told;
        this.told = this.task && this.run.certain !== null ? this.run.certain : characters.length;
        this.post({ type: "text", from, characters: characters.slice(from, this.told), bits: bits.slice(from, this.told) });
    }
}

// Return a Desk for the model's facts and its deflated weights.
function openDesk(model, deflated, post) {
    return new Desk(new Network(model.shape, model.layout, deflated), new Vocabulary(model.characters), post);
}

if (typeof WorkerGlobalScope !== "undefined") {
    let desk = null;
    self.onmessage = ({ data }) => {
        if (data.type !== "open") return desk.handle(data);
        try {
            desk = openDesk(data.model, data.deflated, (message) => self.postMessage(message));
            self.postMessage({ type: "ready" });
        } catch (error) {
            self.postMessage({ type: "failed", message: String(error) });
        }
    };
}
